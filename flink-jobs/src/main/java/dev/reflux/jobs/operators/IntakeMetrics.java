package dev.reflux.jobs.operators;

import dev.reflux.events.MicroBatch;
import dev.reflux.events.Reason;
import dev.reflux.jobs.metrics.RefluxMetric;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.metrics.Counter;

/** What becomes of the events that are read. */
final class IntakeMetrics {

    private final Counter accepted;
    private final Counter rejected;
    private final Counter batches;
    private final Counter[] reasons;
    /** By class, and last those without a label. */
    private final Counter[] labels;

    IntakeMetrics(OperatorMetrics metrics, List<String> classes) {
        accepted = metrics.counter(RefluxMetric.EVENTS, "result", "accepted");
        rejected = metrics.counter(RefluxMetric.EVENTS, "result", "rejected");
        batches = metrics.counter(RefluxMetric.BATCHES);
        reasons = Arrays.stream(Reason.values())
                .map(reason -> metrics.counter(RefluxMetric.DEAD_LETTERS, "reason", reason.code()))
                .toArray(Counter[]::new);
        labels = new Counter[classes.size() + 1];
        for (int i = 0; i < classes.size(); i++) {
            labels[i] = metrics.counter(RefluxMetric.LABELS, "class", classes.get(i));
        }
        labels[classes.size()] = metrics.counter(RefluxMetric.LABELS, "class", "none");
    }

    void accepted() {
        accepted.inc();
    }

    void rejected(Reason reason) {
        rejected.inc();
        reasons[reason.ordinal()].inc();
    }

    void batch(MicroBatch batch) {
        batches.inc();
        long[] counts = new long[labels.length];
        for (int row = 0; row < batch.size(); row++) {
            int label = batch.labels().get(row);
            counts[label < 0 ? counts.length - 1 : label]++;
        }
        for (int i = 0; i < counts.length; i++) {
            labels[i].inc(counts[i]);
        }
    }
}
