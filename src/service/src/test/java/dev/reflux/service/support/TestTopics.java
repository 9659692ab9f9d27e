package dev.reflux.service.support;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.TopicNames;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** The topics of a pipeline, with one partition each; those that are there already, from another run, are left alone. */
public final class TestTopics {

    /** The events' times are long past: without this the broker deletes them half a minute after its start. */
    private static final Map<String, String> FOR_EVER = Map.of("retention.ms", "-1");

    private TestTopics() {}

    public static void create(String bootstrapServers, Pipeline pipeline) throws Exception {
        create(bootstrapServers, List.of(pipeline.topics().events()));
        createOutgoing(bootstrapServers, pipeline);
    }

    /** Those that a job writes: the one it reads is there, and may be that of other jobs too. */
    public static void createOutgoing(String bootstrapServers, Pipeline pipeline) throws Exception {
        TopicNames names = pipeline.topics();
        create(
                bootstrapServers,
                List.of(names.checkpoints(), names.checkpointDecisions(), names.drift(), names.deadLetters()));
    }

    /** Those that are not there yet. */
    public static void create(String bootstrapServers, List<String> names) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> topics = names.stream()
                    .filter(name -> !existing.contains(name))
                    .map(name -> new NewTopic(name, 1, (short) 1).configs(FOR_EVER))
                    .toList();
            admin.createTopics(topics).all().get();
        }
    }
}
