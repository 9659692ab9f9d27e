package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.gate.CheckpointGate;
import dev.reflux.checkpoints.gate.Outcome;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Logits;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import dev.reflux.events.MicroBatch;
import dev.reflux.jobs.LearningPlan;
import java.nio.IntBuffer;

/** The network of the student published last, as it was then: it predicts and learns no more. */
final class Champion implements AutoCloseable {

    private final LearningPlan plan;
    private final Model model;

    private Champion(LearningPlan plan, Model model) {
        this.plan = plan;
        this.model = model;
    }

    /** A copy that the original's learning does not reach. */
    static Champion copyOf(Student student, LearningPlan plan) {
        StateWriter state = new StateWriter();
        student.model().write(state);
        return read(plan, student.name(), new StateReader(state.toBytes()));
    }

    static Champion read(LearningPlan plan, String name, StateReader in) {
        return new Champion(plan, plan.readStudentModel(name, in));
    }

    /** Of state that held all of a student, also what it learns with. */
    static Champion readStudent(LearningPlan plan, String name, StateReader in) {
        try (Student student = plan.readStudent(name, in)) {
            return copyOf(student, plan);
        }
    }

    void write(StateWriter out) {
        model.write(out);
    }

    /**
     * Shows a batch to the champion, and its outcomes to the gate beside those of the challenger.
     *
     * @param challenger logits that the challenger gave before it learned the batch, {@code [size, classes]}
     */
    void compare(MicroBatch batch, float[] challenger, CheckpointGate gate) {
        Examples examples = plan.examples(batch);
        float[] own = new float[challenger.length];
        model.predict(examples, 0, examples.size(), own);
        IntBuffer truth = examples.truth();
        for (int row = 0; row < examples.size(); row++) {
            int label = truth.get(row);
            if (label >= 0) {
                gate.compare(label, outcome(challenger, row, label), outcome(own, row, label));
            }
        }
    }

    private Outcome outcome(float[] logits, int row, int label) {
        int classes = plan.classes();
        return new Outcome(Logits.argmax(logits, row, classes), Logits.logLoss(logits, row, classes, label));
    }

    @Override
    public void close() {
        model.close();
    }
}
