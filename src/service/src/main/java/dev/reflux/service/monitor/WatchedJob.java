package dev.reflux.service.monitor;

import dev.reflux.jobs.metrics.RefluxMetric;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.StudentSettings;
import java.util.List;

/** Which of a pipeline's jobs is looked at. */
public enum WatchedJob {
    LEARNING(RefluxMetric.PUBLISHED_TIMESTAMP),
    SCORING(RefluxMetric.SCORING_TIMESTAMP);

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
        return this == LEARNING ? name : name + " scoring";
    }

    List<String> students(Pipeline pipeline) {
        List<String> all =
                pipeline.students().stream().map(StudentSettings::name).toList();
        if (this == LEARNING) {
            return all;
        }
        String scoring = pipeline.scoring().student();
        return List.of(scoring == null ? all.get(0) : scoring);
    }

    boolean hasTeacher(Pipeline pipeline) {
        return this == LEARNING && pipeline.hasTeacher();
    }
}
