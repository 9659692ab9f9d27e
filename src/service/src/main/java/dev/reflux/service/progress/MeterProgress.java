package dev.reflux.service.progress;

import dev.reflux.jobs.metrics.RefluxMetric;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Reads a job's progress from the metrics that its operators report. */
public final class MeterProgress implements ProgressSource {
    private final MeterRegistry registry;
    private final String pipeline;
    private final List<String> students;

    public MeterProgress(MeterRegistry registry, String pipeline, List<String> students) {
        this.registry = registry;
        this.pipeline = pipeline;
        this.students = List.copyOf(students);
    }

    @Override
    public Progress now() {
        List<StudentProgress> all = new ArrayList<>();
        for (String name : students) {
            String[] student = {"student", name};
            all.add(new StudentProgress(
                    name,
                    last(RefluxMetric.STUDENT_ACCURACY, student),
                    last(RefluxMetric.STUDENT_AGREEMENT, student),
                    last(RefluxMetric.STUDENT_GAIN, student),
                    (long) highest(RefluxMetric.PUBLISHED_STEP, RefluxMetric.SCORING_STEP, student),
                    (long) highest(RefluxMetric.PUBLISHED_SIZE, RefluxMetric.SCORING_SIZE, student),
                    (long) (1e3 * highest(RefluxMetric.PUBLISHED_TIMESTAMP, RefluxMetric.SCORING_TIMESTAMP, student))));
        }
        return new Progress(
                (long) (total(RefluxMetric.EVENTS) + total(RefluxMetric.SCORING_EVENTS)),
                (long) (total(RefluxMetric.DEAD_LETTERS) + total(RefluxMetric.SCORING_EVENTS, "result", "rejected")),
                (long) total(RefluxMetric.DRIFT_ALARMS),
                (long) value(registry.find("flink.job.restarts").meters(), 0),
                last(RefluxMetric.TEACHER_ACCURACY),
                all);
    }

    private double total(RefluxMetric metric, String... tags) {
        double sum = 0;
        for (Meter meter : meters(metric, tags)) {
            double value = value(List.of(meter), 0);
            sum += Double.isNaN(value) ? 0 : value;
        }
        return sum;
    }

    /** Scorers side by side report the same student. */
    private double highest(RefluxMetric published, RefluxMetric scoring, String... tags) {
        double highest = 0;
        for (RefluxMetric metric : List.of(published, scoring)) {
            for (Meter meter : meters(metric, tags)) {
                double value = value(List.of(meter), 0);
                highest = Double.isNaN(value) ? highest : Math.max(highest, value);
            }
        }
        return highest;
    }

    private double last(RefluxMetric metric, String... tags) {
        return value(meters(metric, tags), Double.NaN);
    }

    private Collection<Meter> meters(RefluxMetric metric, String... tags) {
        return registry.find(metric.description().name())
                .tag("pipeline", pipeline)
                .tags(tags)
                .meters();
    }

    private static double value(Collection<Meter> meters, double missing) {
        double value = missing;
        for (Meter meter : meters) {
            for (Measurement measurement : meter.measure()) {
                value = measurement.getValue();
            }
        }
        return value;
    }
}
