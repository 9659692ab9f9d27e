package dev.reflux.jobs.loop;

import dev.reflux.distillation.Feedback;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * The way back from the students to their teacher: one bounded queue per student, in the order of the batches. The
 * teacher opens it, students find it by its id in {@link FeedbackChannels}.
 */
public final class FeedbackChannel {

    private final String id;
    private final Map<String, BlockingQueue<Feedback>> queues = new LinkedHashMap<>();

    /**
     * @param students names of the students, each of which gives one feedback per batch
     * @param capacity batches that a student may be ahead of what the teacher has taken
     */
    FeedbackChannel(String id, List<String> students, int capacity) {
        this.id = id;
        students.forEach(student -> queues.put(student, new ArrayBlockingQueue<>(capacity)));
    }

    public String id() {
        return id;
    }

    /** Hands in a student's feedback; waits while its queue is full. */
    public void put(Feedback feedback) throws InterruptedException {
        BlockingQueue<Feedback> queue = queues.get(feedback.student());
        if (queue == null) {
            throw new IllegalArgumentException("feedback of student '" + feedback.student() + "' found, the teacher of"
                    + " this loop has the students " + queues.keySet());
        }
        queue.put(feedback);
    }

    /**
     * Takes the feedback of all students on the batch, waiting for those that are not done with it.
     *
     * @throws IllegalStateException when a student reports on another batch: a lesson was lost or came twice
     */
    public List<Feedback> take(long batch) throws InterruptedException {
        List<Feedback> all = new ArrayList<>(queues.size());
        for (BlockingQueue<Feedback> queue : queues.values()) {
            Feedback feedback = queue.take();
            if (feedback.batch() != batch) {
                throw new IllegalStateException("feedback on batch " + feedback.batch() + " of student '"
                        + feedback.student() + "' found where batch " + batch + " is due: a lesson was lost or came"
                        + " twice, and going on would train on the wrong batch");
            }
            all.add(feedback);
        }
        return List.copyOf(all);
    }
}
