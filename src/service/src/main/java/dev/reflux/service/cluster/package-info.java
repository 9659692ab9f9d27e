/** Jobs for a Flink cluster of its own processes. */
@NullMarked
package dev.reflux.service.cluster;

import org.jspecify.annotations.NullMarked;
