package dev.reflux.service.exactness;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.TopicNames;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** The topics of a pipeline, with one partition each. */
final class TestTopics {

    private TestTopics() {}

    static void create(String bootstrapServers, Pipeline pipeline) throws Exception {
        TopicNames names = pipeline.topics();
        List<NewTopic> topics = Stream.of(names.events(), names.checkpoints(), names.drift(), names.deadLetters())
                .map(name -> new NewTopic(name, 1, (short) 1))
                .toList();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(topics).all().get();
        }
    }
}
