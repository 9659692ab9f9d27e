/**
 * The checkpoint record: manifest, model bytes, how both travel in Kafka and how a consumer reads them back.
 */
@NullMarked
package dev.reflux.checkpoints;

import org.jspecify.annotations.NullMarked;
