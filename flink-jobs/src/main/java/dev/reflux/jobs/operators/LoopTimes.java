package dev.reflux.jobs.operators;

import dev.reflux.jobs.metrics.RefluxMetric;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Histogram;

/** Where a teacher's time goes. Batches that were taught before a restart have no delay. */
final class LoopTimes {

    private final Histogram teach;
    private final Histogram learn;
    private final Histogram wait;
    private final Histogram delay;
    private final Map<Long, Long> taughtAt = new HashMap<>();

    LoopTimes(OperatorMetrics metrics) {
        teach = metrics.timer(RefluxMetric.TEACHER_TEACH);
        learn = metrics.timer(RefluxMetric.TEACHER_LEARN);
        wait = metrics.timer(RefluxMetric.LOOP_WAIT);
        delay = metrics.timer(RefluxMetric.LOOP_DELAY);
    }

    void taught(long batch, long startNanos) {
        long now = System.nanoTime();
        teach.update(now - startNanos);
        taughtAt.put(batch, now);
    }

    void waited(long startNanos) {
        wait.update(System.nanoTime() - startNanos);
    }

    void learned(long batch, long startNanos) {
        learn.update(System.nanoTime() - startNanos);
        Long taught = taughtAt.remove(batch);
        if (taught != null) {
            delay.update(startNanos - taught);
        }
    }
}
