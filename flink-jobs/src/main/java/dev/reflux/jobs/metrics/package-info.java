/** Flink's metrics, forwarded to a Micrometer registry. */
@NullMarked
package dev.reflux.jobs.metrics;

import org.jspecify.annotations.NullMarked;
