package dev.reflux.service.monitor;

import dev.reflux.jobs.metrics.RefluxMetric;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.StudentSettings;
import java.util.List;

/** Which of a pipeline's jobs is looked at. */
public enum WatchedJob {
    LEARNING(RefluxMetric.PUBLISHED_TIMESTAMP),
    SCORING(RefluxMetric.SCORING_TIMESTAMP),
    /** It publishes no student. */
    DRIFT(RefluxMetric.PUBLISHED_TIMESTAMP);

    private final RefluxMetric published;

    WatchedJob(RefluxMetric published) {
        this.published = published;
    }

    /** When the student at hand was published. */
    RefluxMetric published() {
        return published;
    }

    /** The name that Flink knows the job by. */
    String jobName(Pipeline pipeline) {
        String name = "reflux " + pipeline.pipeline();
        return switch (this) {
            case LEARNING -> name;
            case SCORING -> name + " scoring";
            case DRIFT -> name + " drift";
        };
    }

    List<String> students(Pipeline pipeline) {
        List<String> all =
                pipeline.students().stream().map(StudentSettings::name).toList();
        String scoring = pipeline.scoring().student();
        return switch (this) {
            case LEARNING -> all;
            case SCORING -> List.of(scoring == null ? all.get(0) : scoring);
            case DRIFT -> List.of();
        };
    }

    boolean hasTeacher(Pipeline pipeline) {
        return switch (this) {
            case LEARNING -> pipeline.hasTeacher();
            case SCORING -> false;
            case DRIFT -> pipeline.drift().watchesTeacher();
        };
    }
}
