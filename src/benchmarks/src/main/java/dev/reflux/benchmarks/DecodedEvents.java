package dev.reflux.benchmarks;

import dev.reflux.events.EventDecoder;
import dev.reflux.events.LabelMask;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.events.Rejection;
import dev.reflux.jobs.LearningPlan;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The batches that a pipeline's job would make of a stream in one partition, decoded and in memory. */
public final class DecodedEvents {

    private final Iterator<byte[]> events;
    private final EventDecoder decoder;
    private final MicroBatchBuilder builder;
    private final List<MicroBatch> batches = new ArrayList<>();
    private long decoded;

    /** @param events as JSON, in the order of the stream */
    public DecodedEvents(LearningPlan plan, Iterator<byte[]> events) {
        this.events = events;
        this.decoder = new EventDecoder(plan.schema());
        this.builder = new MicroBatchBuilder(
                plan.batchLayout(), plan.pipeline().batch().size(), mask(plan));
    }

    /** Which labels the plan's job hides from learning. */
    public static LabelMask mask(LearningPlan plan) {
        return new LabelMask(plan.settings().labelShare(), plan.pipeline().seed());
    }

    /** Decodes until there are so many batches, or the stream ends; returns the seconds per event, NaN without any. */
    public double decode(int count) {
        long nanos = 0;
        long first = decoded;
        List<byte[]> next = new ArrayList<>(builder.capacity());
        while (batches.size() < count && events.hasNext()) {
            next.clear();
            while (next.size() < builder.capacity() && events.hasNext()) {
                next.add(events.next());
            }
            long start = System.nanoTime();
            for (byte[] event : next) {
                Rejection rejection = decoder.decode(event, 0, decoded, 0, builder);
                if (rejection != null) {
                    throw new IllegalStateException("event " + decoded + " was refused: " + rejection);
                }
                decoded++;
            }
            batches.add(builder.build(batches.size()));
            nanos += System.nanoTime() - start;
        }
        return nanos / 1e9 / (decoded - first);
    }

    public List<MicroBatch> batches() {
        return List.copyOf(batches);
    }
}
