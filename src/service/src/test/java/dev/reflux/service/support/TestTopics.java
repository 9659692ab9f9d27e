package dev.reflux.service.support;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.TopicNames;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** The topics of a pipeline, with one partition each. */
public final class TestTopics {

    /** The events' times are long past: without this the broker deletes them half a minute after its start. */
    private static final Map<String, String> FOR_EVER = Map.of("retention.ms", "-1");

    private TestTopics() {}

    public static void create(String bootstrapServers, Pipeline pipeline) throws Exception {
        TopicNames names = pipeline.topics();
        List<NewTopic> topics = Stream.of(names.events(), names.checkpoints(), names.drift(), names.deadLetters())
                .map(name -> new NewTopic(name, 1, (short) 1).configs(FOR_EVER))
                .toList();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(topics).all().get();
        }
    }
}
