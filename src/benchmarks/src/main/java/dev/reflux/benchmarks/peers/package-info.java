/** Reflux beside MOA's learners, which run in a JVM of their own. */
@NullMarked
package dev.reflux.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
