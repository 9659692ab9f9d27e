/** Files of any file system that Flink knows. */
@NullMarked
package dev.reflux.jobs.files;

import org.jspecify.annotations.NullMarked;
