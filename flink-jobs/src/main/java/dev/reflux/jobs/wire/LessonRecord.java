package dev.reflux.jobs.wire;

import dev.reflux.distillation.Lesson;
import java.nio.ByteBuffer;

/**
 * A lesson on its way from the teacher to its students.
 *
 * @param channel id of the feedback channel on which the teacher waits for what the students say of it
 * @param packed the batch that the lesson is on; shared, never written
 */
public record LessonRecord(String channel, ByteBuffer packed, Lesson lesson) {}
