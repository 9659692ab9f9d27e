package dev.reflux.service.runs;

import dev.reflux.jobs.pipeline.KafkaSettings;
import dev.reflux.jobs.pipeline.Pipeline;
import java.util.Map;

/** A pipeline as it runs against the embedded broker. */
final class EmbeddedPipeline {
    private EmbeddedPipeline() {}

    /** The same pipeline on another broker, without the security settings that are the real broker's. */
    static Pipeline on(String bootstrapServers, KafkaSettings.StartFrom startFrom, Pipeline p) {
        return new Pipeline(
                p.pipeline(),
                new KafkaSettings(bootstrapServers, startFrom, Map.of()),
                p.topics(),
                p.events(),
                p.batch(),
                p.engine(),
                p.teacher(),
                p.distillation(),
                p.students(),
                p.feedback(),
                p.drift(),
                p.checkpoints(),
                p.flink(),
                p.seed());
    }
}
