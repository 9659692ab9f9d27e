/** A Kafka broker and a Flink cluster inside this JVM. */
@NullMarked
package dev.reflux.service.embedded;

import org.jspecify.annotations.NullMarked;
