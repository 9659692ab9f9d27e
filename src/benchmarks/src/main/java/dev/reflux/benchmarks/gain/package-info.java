/** What a teacher is worth, over many streams. */
@NullMarked
package dev.reflux.benchmarks.gain;

import org.jspecify.annotations.NullMarked;
