/** The {@code reflux} command line and what it runs in one process: an embedded broker, an embedded Flink, a view. */
@NullMarked
package dev.reflux.service;

import org.jspecify.annotations.NullMarked;
