package dev.reflux.checkpoints.follow;

import dev.reflux.checkpoints.Manifest;
import java.time.Duration;
import java.time.Instant;

/**
 * The student that a follower scores with.
 *
 * @param manifest what the student says of itself
 * @param partition of its record
 * @param offset of its record
 * @param taken when the follower began to score with it
 */
public record FollowedStudent(Manifest manifest, int partition, long offset, Instant taken) {

    /** Training steps the student has taken; its version. */
    public long version() {
        return manifest.step();
    }

    /** Time since the student was exported; not negative, even when this clock is behind the exporter's. */
    public Duration age(Instant now) {
        Duration age = Duration.between(manifest.created(), now);
        return age.isNegative() ? Duration.ZERO : age;
    }
}
