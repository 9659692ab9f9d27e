package dev.reflux.distillation.reaction;

import dev.reflux.distillation.Student;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/** What a student does about the drift that its own detectors find. */
public final class StudentReaction {

    private static final String SECTION = "student-reaction";
    private static final int VERSION = 1;

    private final ReactionSpec spec;
    private final RateBoost boost;

    public StudentReaction(ReactionSpec spec) {
        this.spec = spec;
        this.boost = new RateBoost(spec);
    }

    /**
     * After each batch that the student has studied.
     *
     * @param level of its detectors after the batch, as {@link dev.reflux.distillation.Feedback#driftLevel()}
     */
    public void afterBatch(Student student, int level) {
        boost.countBatch();
        if (level == Level.DRIFT) {
            boost.begin();
            student.forget(spec.keptMemory());
        }
        student.scaleRate(boost.factor());
    }

    /** Factor on the learning rate of the next batch. */
    public double rateFactor() {
        return boost.factor();
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, boost::write);
    }

    /** Goes on as saved, with the student as that was saved. */
    public void read(StateReader in, Student student) {
        boost.read(in.section(SECTION, VERSION));
        student.scaleRate(boost.factor());
    }
}
