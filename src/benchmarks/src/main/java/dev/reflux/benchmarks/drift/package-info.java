/** Drift detectors on streams whose changes are known, beside MOA's. */
@NullMarked
package dev.reflux.benchmarks.drift;

import org.jspecify.annotations.NullMarked;
