package dev.reflux.checkpoints.follow;

import dev.reflux.checkpoints.CheckpointFeed.Rejected;

/** Is told what a follower does, on the follower's own thread. */
public interface FollowerListener {

    /** From now on {@code student} scores. */
    default void taken(FollowedStudent student) {}

    /** A record was passed over; the student at hand goes on. */
    default void rejected(Rejected record) {}

    /** The topic cannot be read; told once until it can be again. The student at hand goes on. */
    default void troubled(String why) {}
}
