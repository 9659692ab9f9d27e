package dev.reflux.checkpoints.follow;

import dev.reflux.checkpoints.CheckpointException.Problem;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a follower is doing.
 *
 * @param student that it scores with; empty before the first
 * @param age of that student; zero before the first
 * @param taken students taken so far
 * @param rejected records passed over so far, by what was wrong with them; problems that never arose are absent
 * @param trouble why the topic cannot be read at present; empty when it can
 */
public record FollowerStatus(
        Optional<FollowedStudent> student,
        Duration age,
        long taken,
        Map<Problem, Long> rejected,
        Optional<String> trouble) {

    public FollowerStatus {
        rejected = Map.copyOf(rejected);
    }

    /** Records passed over so far. */
    public long rejectedInAll() {
        return rejected.values().stream().mapToLong(Long::longValue).sum();
    }
}
