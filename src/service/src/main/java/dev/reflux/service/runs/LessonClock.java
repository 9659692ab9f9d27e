package dev.reflux.service.runs;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * How long the job has been learning: from its first lesson to its last. So neither starting the cluster and loading the
 * native library count, nor the wait for the last Flink checkpoint, which are the same for a short stream and a long one.
 */
final class LessonClock {
    private static final String RECORDS_IN = "flink.operator.records.in";

    private final MeterRegistry registry;
    private long firstNanos;
    private long lastNanos;
    private double lessons;

    LessonClock(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Looks whether more lessons have arrived at the students; call it often. */
    void sample(long nanos) {
        double now =
                registry
                        .find(RECORDS_IN)
                        .tag("operator.name", name -> name.startsWith("student "))
                        .functionCounters()
                        .stream()
                        .mapToDouble(FunctionCounter::count)
                        .sum();
        if (now > lessons) {
            if (lessons == 0) {
                firstNanos = nanos;
            }
            lastNanos = nanos;
            lessons = now;
        }
    }

    /** 0 when the lessons came too fast for two looks. */
    double seconds() {
        return (lastNanos - firstNanos) / 1e9;
    }
}
