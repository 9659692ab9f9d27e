/** Measurements of the whole service: how fast it is, where the time goes, and that it does not grow. */
@NullMarked
package dev.reflux.benchmarks;

import org.jspecify.annotations.NullMarked;
