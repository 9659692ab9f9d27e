/** A pipeline in one process: to the end of a stream, or always on. */
@NullMarked
package dev.reflux.service.runs;

import org.jspecify.annotations.NullMarked;
