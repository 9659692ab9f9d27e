package dev.reflux.jobs.wire;

import java.nio.ByteBuffer;

/**
 * A micro-batch between operators.
 *
 * @param packed the batch as {@link dev.reflux.events.MicroBatch} packs it; never written once it is here, so that
 *     chained operators share it
 */
public record BatchRecord(ByteBuffer packed) {}
