@NullMarked
package dev.reflux.jobs.kafka;

import org.jspecify.annotations.NullMarked;
