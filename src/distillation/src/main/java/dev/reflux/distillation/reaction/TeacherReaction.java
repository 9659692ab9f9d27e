package dev.reflux.distillation.reaction;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.reaction.ReactionSpec.Alternative;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a teacher does about the drift that its students, or its own detectors, find.
 *
 * <p>From a warning on an alternative to it learns the same batches beside it, and nobody hears that one. Once there is an alarm,
 * the alternative takes its place as soon as it clearly errs less on the same labelled examples; without that it is dropped after a
 * while.
 * The two background learners of Adaptive random forests (Gomes et al., Machine Learning 106, 2017) are the model, but for the
 * comparison, without which every false alarm would cost all that was learned.
 *
 * <p>Owns the alternative, not the teacher.
 */
public final class TeacherReaction implements AutoCloseable {

    private static final String SECTION = "teacher-reaction";
    private static final int VERSION = 1;

    private final ReactionSpec spec;
    private final Teachers teachers;
    private final RateBoost boost;
    private @Nullable Teacher alternative;
    private Trial trial = new Trial();
    private boolean drifted;
    private int batchesLeft;
    private long alternatives;
    private long takeovers;

    /** Makes teachers like the one that reacts. */
    public interface Teachers {

        /** @param number of the alternative, from 1, so that each begins with other parameters */
        Teacher create(long number);

        /** The teacher that {@link Teacher#write} wrote. */
        Teacher read(StateReader in);
    }

    public TeacherReaction(ReactionSpec spec, Teachers teachers) {
        this.spec = spec;
        this.teachers = teachers;
        this.boost = new RateBoost(spec);
    }

    /** After the teacher has taught a batch. */
    public void afterTeaching(Teacher teacher, Examples examples, Lesson lesson) {
        boost.countBatch();
        teacher.scaleRate(boost.factor());
        if (alternative == null) {
            return;
        }
        Lesson other = alternative.teach(lesson.batch(), examples);
        trial.add(examples, lesson.predicted(), other.predicted(), lesson.classes());
        batchesLeft--;
        if (drifted && trial.isAlternativeBetter()) {
            takeovers++;
            teacher.takeOver(alternative);
            teacher.scaleRate(boost.factor());
            alternative = null;
        } else if (batchesLeft <= 0) {
            alternative.close();
            alternative = null;
        }
    }

    /** After the teacher has learned the feedback on a batch. */
    public void afterLearning(Teacher teacher, Examples examples, List<Feedback> feedback) {
        if (alternative != null) {
            alternative.learn(examples, feedback);
        }
        react(teacher, feedback.stream().mapToInt(Feedback::driftLevel).max().orElse(0));
    }

    /**
     * Answers to a level that detectors have reached.
     *
     * @param level as {@link Feedback#driftLevel()}
     */
    public void react(Teacher teacher, int level) {
        if (level == Level.DRIFT) {
            boost.begin();
            teacher.scaleRate(boost.factor());
            teacher.forget(spec.keptMemory());
        }
        if (level < Level.WARNING || spec.alternative() == Alternative.NONE) {
            return;
        }
        if (alternative == null) {
            begin(teacher);
        }
        drifted |= level == Level.DRIFT;
        batchesLeft = spec.trialBatches();
    }

    private void begin(Teacher teacher) {
        alternatives++;
        drifted = false;
        trial = new Trial();
        Teacher begun = spec.alternative() == Alternative.FRESH ? teachers.create(alternatives) : copyOf(teacher);
        begun.scaleRate(spec.alternativeRate());
        alternative = begun;
    }

    private Teacher copyOf(Teacher teacher) {
        StateWriter state = new StateWriter();
        teacher.write(state);
        Teacher copy = teachers.read(new StateReader(state.toBytes()));
        copy.forget(0);
        return copy;
    }

    /** Factor on the learning rate of the next batch. */
    public double rateFactor() {
        return boost.factor();
    }

    /** Alternatives that have begun since the start. */
    public long alternatives() {
        return alternatives;
    }

    /** How many of them have taken the teacher's place. */
    public long takeovers() {
        return takeovers;
    }

    public void write(StateWriter out) {
        out.section(SECTION, VERSION, section -> {
            boost.write(section);
            section.putLong(alternatives).putLong(takeovers);
            section.putInt(drifted ? 1 : 0).putInt(batchesLeft);
            trial.write(section);
            section.putInt(alternative == null ? 0 : 1);
            if (alternative != null) {
                alternative.write(section);
            }
        });
    }

    /** Goes on as saved, with the teacher as that was saved; an alternative of a kind that is no longer wanted is dropped. */
    public void read(StateReader in, Teacher teacher) {
        StateReader section = in.section(SECTION, VERSION);
        boost.read(section);
        teacher.scaleRate(boost.factor());
        alternatives = section.getLong();
        takeovers = section.getLong();
        drifted = section.getInt() == 1;
        batchesLeft = section.getInt();
        trial = Trial.read(section);
        if (section.getInt() == 1 && spec.alternative() != Alternative.NONE) {
            Teacher saved = teachers.read(section);
            saved.scaleRate(spec.alternativeRate());
            alternative = saved;
        }
    }

    @Override
    public void close() {
        if (alternative != null) {
            alternative.close();
        }
    }
}
