/** Variants of a pipeline side by side on one stream, each against the student alone. */
@NullMarked
package dev.reflux.service.compare;

import org.jspecify.annotations.NullMarked;
