package dev.reflux.service.runs;

import dev.reflux.jobs.DistillationJob;
import dev.reflux.jobs.DriftJob;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.scoring.ScoringJob;
import dev.reflux.service.monitor.WatchedJob;
import dev.reflux.service.progress.ProgressText;
import dev.reflux.service.topics.TopicPlan;
import java.util.List;
import java.util.OptionalLong;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Which of a pipeline's jobs is to run. */
public enum ContinuousJob {
    /** Learns from events and publishes students. */
    DISTILLATION {
        @Override
        public List<TopicPlan> topics(Pipeline pipeline) {
            return TopicPlan.of(pipeline);
        }

        @Override
        public void build(StreamExecutionEnvironment environment, Pipeline pipeline) {
            DistillationJob.build(
                    environment,
                    pipeline,
                    new DistillationJob.Options(pipeline.kafka().bootstrapServers(), OptionalLong.empty(), 1.0, 0));
        }

        @Override
        int slots(Pipeline pipeline) {
            return 1;
        }

        @Override
        ProgressText text() {
            return ProgressText.LEARNING;
        }

        @Override
        WatchedJob watched() {
            return WatchedJob.LEARNING;
        }

        @Override
        public String suffix() {
            return "";
        }
    },

    /** Scores events with the newest published student. */
    SCORING {
        @Override
        public List<TopicPlan> topics(Pipeline pipeline) {
            return TopicPlan.ofScoring(pipeline);
        }

        @Override
        public void build(StreamExecutionEnvironment environment, Pipeline pipeline) {
            ScoringJob.build(environment, pipeline, pipeline.kafka().bootstrapServers());
        }

        @Override
        int slots(Pipeline pipeline) {
            return pipeline.scoring().parallelism();
        }

        @Override
        ProgressText text() {
            return ProgressText.SCORING;
        }

        @Override
        WatchedJob watched() {
            return WatchedJob.SCORING;
        }

        @Override
        public String suffix() {
            return "-scoring";
        }
    },

    /** Watches events, and a model that learns elsewhere, for drift. */
    DRIFT {
        @Override
        public List<TopicPlan> topics(Pipeline pipeline) {
            return TopicPlan.ofDrift(pipeline);
        }

        @Override
        public void build(StreamExecutionEnvironment environment, Pipeline pipeline) {
            DriftJob.build(environment, pipeline, pipeline.kafka().bootstrapServers());
        }

        @Override
        int slots(Pipeline pipeline) {
            return 1;
        }

        @Override
        ProgressText text() {
            return ProgressText.WATCHING;
        }

        @Override
        WatchedJob watched() {
            return WatchedJob.DRIFT;
        }

        @Override
        public String suffix() {
            return "-drift";
        }
    };

    /** In a line for people. */
    public static final String IN_WORDS = "distillation learns and publishes students, scoring scores events with them,"
            + " drift watches events and a model that learns elsewhere";

    /** What must be there before it starts. */
    public abstract List<TopicPlan> topics(Pipeline pipeline);

    /** Adds the job to an environment that has nothing in it yet. */
    public abstract void build(StreamExecutionEnvironment environment, Pipeline pipeline);

    /** What tells the folders of this job from those of the pipeline's others. */
    public abstract String suffix();

    abstract int slots(Pipeline pipeline);

    abstract ProgressText text();

    abstract WatchedJob watched();
}
