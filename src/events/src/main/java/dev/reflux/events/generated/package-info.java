/** Streams that need no download: for the demo, the tests and the benchmarks. */
@NullMarked
package dev.reflux.events.generated;

import org.jspecify.annotations.NullMarked;
