package dev.reflux.service.progress;

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
                    last("reflux.student.accuracy", student),
                    last("reflux.agreement", student),
                    last("reflux.gain", student),
                    highest("reflux.checkpoint.version", student),
                    highest("reflux.checkpoint.bytes", student),
                    highest("reflux.checkpoint.created.millis", student)));
        }
        return new Progress(
                (long) total("reflux.events"),
                (long) total("reflux.dead.letters"),
                (long) (total("reflux.drift.alarms")
                        + total("reflux.teacher.drift.alarms")
                        + total("reflux.stream.drift.alarms")),
                (long) value(registry.find("flink.jobmanager.job.num.restarts").meters(), 0),
                last("reflux.teacher.accuracy"),
                all);
    }

    private double total(String name, String... tags) {
        double sum = 0;
        for (Meter meter : meters(name, tags)) {
            double value = value(List.of(meter), 0);
            sum += Double.isNaN(value) ? 0 : value;
        }
        return sum;
    }

    /** Scorers side by side report the same student. */
    private long highest(String name, String... tags) {
        double highest = 0;
        for (Meter meter : meters(name, tags)) {
            highest = Math.max(highest, value(List.of(meter), 0));
        }
        return (long) highest;
    }

    private double last(String name, String... tags) {
        return value(meters(name, tags), Double.NaN);
    }

    private Collection<Meter> meters(String name, String... tags) {
        return registry.find(name).tag("pipeline", pipeline).tags(tags).meters();
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
