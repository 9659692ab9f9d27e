package dev.reflux.service.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A committed checkpoint record: all of it, with the model's bytes, but the time, which differs from run to run.
 *
 * @param rest the manifest without {@code created}
 */
public record PublishedStudent(String key, long step, long eventsSeen, String sha256, JsonNode rest) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** All committed records of a topic, in order. */
    public static List<PublishedStudent> readAll(String bootstrapServers, String topic) throws Exception {
        List<PublishedStudent> all = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> found : TopicReader.readCommitted(bootstrapServers, topic)) {
            ObjectNode manifest = (ObjectNode) JSON.readTree(found.value());
            manifest.remove("created");
            all.add(new PublishedStudent(
                    new String(found.key(), StandardCharsets.UTF_8),
                    manifest.get("step").asLong(),
                    manifest.get("eventsSeen").asLong(),
                    manifest.get("sha256").asText(),
                    manifest));
        }
        return all;
    }
}
