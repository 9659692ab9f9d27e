package dev.reflux.jobs.wire;

import dev.reflux.distillation.Lesson;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A lesson on its way from the teacher to its students.
 *
 * @param channel id of the feedback channel on which the teacher waits for what the students say of it
 * @param lesson null where there is no teacher
 * @param packed the batch that the lesson is on; shared, never written
 */
public record LessonRecord(
        String channel, ByteBuffer packed, @Nullable Lesson lesson) {

    /** A batch for students that have no teacher: nobody waits for what they say of it. */
    public static LessonRecord withoutTeacher(ByteBuffer packed) {
        return new LessonRecord("", packed, null);
    }
}
