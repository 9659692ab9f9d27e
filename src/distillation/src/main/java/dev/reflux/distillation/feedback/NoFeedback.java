package dev.reflux.distillation.feedback;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;
import java.util.List;

/** The teacher learns from labels alone. */
public final class NoFeedback implements FeedbackPolicy {

    @Override
    public void hear(List<Feedback> feedback) {}

    @Override
    public void weigh(Examples examples, float[] weights) {
        Arrays.fill(weights, 0, examples.size(), 1);
    }

    @Override
    public void write(StateWriter out) {
        out.section("feedback-none", 1, section -> {});
    }

    @Override
    public void read(StateReader in) {
        in.section("feedback-none", 1);
    }
}
