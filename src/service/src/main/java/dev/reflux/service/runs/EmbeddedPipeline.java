package dev.reflux.service.runs;

import dev.reflux.jobs.pipeline.CheckpointSettings;
import dev.reflux.jobs.pipeline.KafkaSettings;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.TopicNames;
import java.nio.file.Path;
import java.util.Map;

/** A pipeline as it runs against the embedded broker. */
final class EmbeddedPipeline {
    private EmbeddedPipeline() {}

    /** The same pipeline on another broker, without the security settings that are the real broker's. */
    static Pipeline on(String bootstrapServers, KafkaSettings.StartFrom startFrom, Pipeline p) {
        return with(bootstrapServers, startFrom, p.topics(), p.checkpoints(), p);
    }

    /**
     * The pipeline on a broker that is gone after the run, from the first event on.
     *
     * @param models where models go that do not fit into a record, instead of the pipeline's own store
     * @param suffix of the names of the topics that it writes to
     */
    static Pipeline forOneRun(String bootstrapServers, Path models, String suffix, Pipeline p) {
        CheckpointSettings checkpoints =
                p.checkpoints().forOneRun(models.toUri().toString());
        TopicNames topics = new TopicNames(
                p.topics().events(),
                p.topics().checkpoints() + suffix,
                p.topics().checkpointDecisions() + suffix,
                p.topics().drift() + suffix,
                p.topics().feedback() + suffix,
                p.topics().predictions() + suffix,
                p.topics().deadLetters() + suffix);
        return with(bootstrapServers, KafkaSettings.StartFrom.EARLIEST, topics, checkpoints, p);
    }

    private static Pipeline with(
            String bootstrapServers,
            KafkaSettings.StartFrom startFrom,
            TopicNames topics,
            CheckpointSettings checkpoints,
            Pipeline p) {
        return new Pipeline(
                p.pipeline(),
                new KafkaSettings(bootstrapServers, startFrom, Map.of()),
                topics,
                p.events(),
                p.batch(),
                p.engine(),
                p.teacher(),
                p.distillation(),
                p.students(),
                p.feedback(),
                p.drift(),
                checkpoints,
                p.scoring(),
                p.flink(),
                p.monitor(),
                p.seed());
    }
}
