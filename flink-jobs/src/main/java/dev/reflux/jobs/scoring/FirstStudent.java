package dev.reflux.jobs.scoring;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointFeed.Entry;
import dev.reflux.checkpoints.CheckpointFeed.Published;
import dev.reflux.checkpoints.CheckpointReader;
import dev.reflux.checkpoints.CheckpointReader.Start;
import dev.reflux.events.EventSchema;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the student to begin with: the newest that was published, or else the first one that will be. The broadcast could
 * bring it, too, but only while events flow already, and these would have nobody to score them.
 */
final class FirstStudent {

    private static final Logger LOG = LoggerFactory.getLogger(FirstStudent.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Map<String, Object> properties;
    private final String topic;
    private final String name;
    private final Acceptance acceptance;
    private final EventSchema schema;
    private @Nullable LoadedStudent found;

    FirstStudent(Pipeline pipeline, String bootstrapServers, String name, Acceptance acceptance) {
        this.properties = new HashMap<>(pipeline.kafka().properties());
        this.properties.put("bootstrap.servers", bootstrapServers);
        this.topic = pipeline.topics().checkpoints();
        this.name = name;
        this.acceptance = acceptance;
        this.schema = PipelineSpecs.eventSchema(pipeline);
    }

    /** Returns when there is one; an interrupt ends the wait with Kafka's {@code InterruptException}. */
    LoadedStudent await() {
        try (CheckpointReader reader =
                new CheckpointReader(properties, topic, Optional.of(name), Start.END, acceptance)) {
            if (!reader.findNewest(this::load)) {
                LOG.info("no student {} on {} yet; scoring begins with the first one", name, topic);
            }
            while (found == null) {
                reader.poll(POLL).forEach(this::load);
            }
            return found;
        }
    }

    private boolean load(Entry entry) {
        if (!(entry instanceof Published published)) {
            return false;
        }
        try {
            LoadedStudent next = LoadedStudent.of(published.checkpoint(), schema);
            if (found != null) {
                found.close();
            }
            found = next;
            return true;
        } catch (CheckpointException e) {
            LOG.warn("a student of {} is passed over: {}", name, e.getMessage());
            return false;
        }
    }
}
