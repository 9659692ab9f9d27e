package dev.reflux.jobs.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.distillation.Feedback;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FeedbackChannelTest {

    private static Feedback feedback(String student, long batch) {
        return new Feedback(batch, student, new float[2], Double.NaN, Double.NaN, new float[2], 0);
    }

    @Test
    void take_waitsForEveryStudent() throws Exception {
        FeedbackChannel channel = FeedbackChannels.open(List.of("a", "b"), 2);
        try {
            CompletableFuture<List<Feedback>> taken = CompletableFuture.supplyAsync(() -> {
                try {
                    return channel.take(0);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            channel.put(feedback("b", 0));
            assertThat(taken).isNotDone();
            FeedbackChannels.find(channel.id()).put(feedback("a", 0));
            assertThat(taken.get(10, TimeUnit.SECONDS))
                    .extracting(Feedback::student)
                    .containsExactly("a", "b");
        } finally {
            FeedbackChannels.close(channel);
        }
    }

    @Test
    void take_ofAnotherBatchThanReported_saysThatALessonWasLost() throws Exception {
        FeedbackChannel channel = FeedbackChannels.open(List.of("a"), 2);
        try {
            channel.put(feedback("a", 4));
            assertThatThrownBy(() -> channel.take(3))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("feedback on batch 4 of student 'a' found where batch 3 is due");
        } finally {
            FeedbackChannels.close(channel);
        }
    }

    @Test
    void put_ofAStudentThatTheTeacherDoesNotHave_isRefused() {
        FeedbackChannel channel = FeedbackChannels.open(List.of("a"), 2);
        try {
            assertThatThrownBy(() -> channel.put(feedback("c", 0)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'c'")
                    .hasMessageContaining("[a]");
        } finally {
            FeedbackChannels.close(channel);
        }
    }

    @Test
    void find_ofAClosedChannel_saysThatTheTwoAreNotTogether() {
        FeedbackChannel channel = FeedbackChannels.open(List.of("a"), 2);
        FeedbackChannels.close(channel);
        assertThatThrownBy(() -> FeedbackChannels.find(channel.id()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("do not run in the same TaskManager")
                .hasMessageContaining("slot sharing group");
    }
}
