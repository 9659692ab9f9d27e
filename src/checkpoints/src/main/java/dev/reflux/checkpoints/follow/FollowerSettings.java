package dev.reflux.checkpoints.follow;

import dev.reflux.checkpoints.Acceptance;
import java.util.Map;

/**
 * Whom to follow.
 *
 * @param kafka properties of the Kafka client, {@code bootstrap.servers} among them
 * @param topic of the pipeline's checkpoints
 * @param student name of the student, key of its records
 * @param acceptance which records are taken
 */
public record FollowerSettings(Map<String, ?> kafka, String topic, String student, Acceptance acceptance) {

    public FollowerSettings {
        kafka = Map.copyOf(kafka);
        if (topic.isBlank() || student.isBlank()) {
            throw new IllegalArgumentException("topic is '" + topic + "' and student '" + student
                    + "'; a follower needs the topic of the checkpoints and the name of one student in it");
        }
    }
}
