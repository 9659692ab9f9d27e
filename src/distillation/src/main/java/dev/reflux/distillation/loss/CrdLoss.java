package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.engine.Rng;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;

/**
 * Contrastive representation distillation: Tian, Krishnan, Isola, "Contrastive Representation Distillation", ICLR 2020.
 * Of many embeddings of the teacher, the student's embedding of an event is to be closest to the teacher's of the same
 * event. Both layers go through a learned linear map to {@code dimension} values of length 1.
 *
 * <pre>L = -1/n * sum_i ln( e^(u_i.v_i / T) / ( e^(u_i.v_i / T) + sum_k e^(u_i.w_k / T) ) )
 * u_i = unit(s_i W_s + b_s),   v_i = unit(t_i W_t + b_t),   w_k the negatives</pre>
 *
 * <p>A stream has no samples to draw negatives from by their index, so they come from a first-in-first-out queue of the
 * last embeddings of the teacher (He et al., "Momentum Contrast", CVPR 2020); as in the paper, those of the event's own
 * class (its visible label, else the teacher's first choice) are left out. The paper's binary form needs the number of
 * samples, which a stream has not either; this is its usual form with a softmax. An event that finds no negatives adds
 * nothing.
 *
 * <p>Never zero: what is left at best is {@code ln(1 + k e^(-1/T)}) for {@code k} negatives at right angles. Learns from
 * steps of one event on. Not on streams that show one class for long: the queue then holds no negatives.
 */
public final class CrdLoss implements Loss {

    private static final int VERSION = 1;

    static final LossType TYPE = LossType.of(
            "crd",
            CrdLoss::new,
            LossOption.studentLayer("last"),
            LossOption.teacherLayer("last"),
            LossOption.number("dimension", "Values of an embedding", "32", "[1, 4096]"),
            LossOption.number("queue", "Embeddings of the teacher that are kept as negatives", "256", "[1, 65536]"),
            LossOption.number("temperature", "Sharpens the choice among the negatives", "0.1", "(0, 100]"),
            LossOption.number("learningRate", "Step size of the two maps to the embeddings", "0.05", "(0, 100]"));

    private final FeatureLayer studentLayer;
    private final FeatureLayer teacherLayer;
    private final int studentWidth;
    private final int teacherWidth;
    private final double temperature;
    private final double rate;
    private final Embedding student;
    private final Embedding teacher;
    private final int dimension;

    /** {@code [queue, dimension]} of the teacher, and the class of each; {@code next} is the oldest once it is full. */
    private final double[] queue;

    private final int[] queueClasses;
    private int next;
    private int filled;

    private final double[] shares;
    private final double[] slope;
    /** {@code [taught rows, dimension]} that join the queue when the step is done. */
    private double[] joining = {};

    private int[] joiningClasses = {};

    CrdLoss(LossSettings settings) {
        this.studentLayer = settings.studentLayer("student");
        this.teacherLayer = settings.teacherLayer("teacher");
        this.studentWidth = studentLayer.width();
        this.teacherWidth = teacherLayer.width();
        this.temperature = settings.number("temperature");
        this.rate = settings.number("learningRate");
        this.dimension = settings.count("dimension");
        Rng random = settings.random();
        this.student = new Embedding(new LinearHead(studentWidth, dimension, random));
        this.teacher = new Embedding(new LinearHead(teacherWidth, dimension, random));
        int size = settings.count("queue");
        this.queue = new double[Math.multiplyExact(size, dimension)];
        this.queueClasses = new int[size];
        this.shares = new double[size];
        this.slope = new double[dimension];
    }

    LinearHead studentMap() {
        return student.map;
    }

    LinearHead teacherMap() {
        return teacher.map;
    }

    /** A layer's map, and what it made of the row at hand. */
    private static final class Embedding {
        final LinearHead map;
        /** Of length 1, unless {@link #length} is 0. */
        final double[] unit;
        /** Before it was brought to length 1. */
        double length;

        Embedding(LinearHead map) {
            this.map = map;
            this.unit = new double[map.outputs()];
        }

        void embed(float[] x, int at) {
            map.apply(x, at, unit, 0);
            length = Math.sqrt(Vectors.dot(unit, 0, unit, 0, unit.length));
            for (int i = 0; length > 0 && i < unit.length; i++) {
                unit[i] /= length;
            }
        }
    }

    @Override
    public double addGradient(LossInput input, double weight, Outputs gradient) {
        Lesson lesson = input.requireLesson(TYPE.name());
        int rows = input.taught();
        if (rows == 0) {
            return 0;
        }
        reserve(rows);
        float[] own = input.outputs().features(studentLayer.name());
        float[] other = lesson.features(teacherLayer.name());
        float[] target = gradient.features(studentLayer.name());
        int joined = 0;
        double loss = 0;
        for (int row = input.from(); row < input.to(); row++) {
            if (!lesson.teaches(row)) {
                continue;
            }
            int ownAt = row * studentWidth;
            int otherAt = row * teacherWidth;
            student.embed(own, ownAt);
            teacher.embed(other, otherAt);
            if (teacher.length == 0) {
                continue;
            }
            int rowClass = input.target(row);
            System.arraycopy(teacher.unit, 0, joining, joined * dimension, dimension);
            joiningClasses[joined++] = rowClass;
            if (student.length > 0) {
                double positive = Vectors.dot(student.unit, 0, teacher.unit, 0, dimension) / temperature;
                double all = share(rowClass, positive);
                if (all > positive) {
                    loss += all - positive;
                    learn(own, ownAt, other, otherAt, Math.exp(positive - all), rows);
                    student.map.addInputGradient(slope, weight / rows, target, ownAt);
                }
            }
        }
        student.map.step(rate / rows, rate / rows);
        teacher.map.step(rate / rows, rate / rows);
        join(joined);
        return loss / rows;
    }

    /**
     * Fills {@link #shares} with each entry's share of the choice, 0 for those of the row's own class.
     *
     * @return logarithm of the sum of all exponentials, {@code positive} without any negative
     */
    private double share(int rowClass, double positive) {
        double most = positive;
        for (int k = 0; k < filled; k++) {
            shares[k] = queueClasses[k] == rowClass
                    ? Double.NEGATIVE_INFINITY
                    : Vectors.dot(student.unit, 0, queue, k * dimension, dimension) / temperature;
            most = Math.max(most, shares[k]);
        }
        double sum = 0;
        for (int k = 0; k < filled; k++) {
            shares[k] = Math.exp(shares[k] - most);
            sum += shares[k];
        }
        if (sum == 0) {
            return positive;
        }
        sum += Math.exp(positive - most);
        for (int k = 0; k < filled; k++) {
            shares[k] /= sum;
        }
        return most + Math.log(sum);
    }

    /** Adds the gradients of both maps; leaves that of the student's embedding in {@link #slope}. */
    private void learn(float[] own, int ownAt, float[] other, int otherAt, double positiveShare, int rows) {
        double pull = (positiveShare - 1) / temperature;
        for (int i = 0; i < dimension; i++) {
            slope[i] = pull * student.unit[i];
        }
        Vectors.throughNormalisation(teacher.unit, 0, teacher.length, slope, dimension);
        teacher.map.addGradient(other, otherAt, slope);
        for (int i = 0; i < dimension; i++) {
            slope[i] = pull * teacher.unit[i];
        }
        for (int k = 0; k < filled; k++) {
            if (shares[k] > 0) {
                Vectors.axpy(shares[k] / temperature, queue, k * dimension, slope, 0, dimension);
            }
        }
        Vectors.throughNormalisation(student.unit, 0, student.length, slope, dimension);
        student.map.addGradient(own, ownAt, slope);
    }

    private void join(int joined) {
        for (int i = 0; i < joined; i++) {
            System.arraycopy(joining, i * dimension, queue, next * dimension, dimension);
            queueClasses[next] = joiningClasses[i];
            next = (next + 1) % queueClasses.length;
            filled = Math.min(filled + 1, queueClasses.length);
        }
    }

    private void reserve(int rows) {
        if (joiningClasses.length < rows) {
            joining = new double[rows * dimension];
            joiningClasses = new int[rows];
        }
    }

    @Override
    public void write(StateWriter out) {
        out.section("loss-crd", VERSION, body -> {
            student.map.write(body);
            teacher.map.write(body);
            body.putInt(next)
                    .putDoubles(Arrays.copyOf(queue, filled * dimension))
                    .putInts(Arrays.copyOf(queueClasses, filled));
        });
    }

    @Override
    public void read(StateReader in) {
        StateReader body = in.section("loss-crd", VERSION);
        student.map.read(body);
        teacher.map.read(body);
        next = body.getInt();
        double[] embeddings = body.getDoubles();
        int[] classes = body.getInts();
        boolean fits = embeddings.length == classes.length * dimension
                && (classes.length == queueClasses.length
                        || (classes.length < queueClasses.length && next == classes.length));
        if (!fits) {
            throw new StateException("losses.crd.queue: " + classes.length
                    + " embeddings found in the state, the pipeline asks for a queue of " + queueClasses.length
                    + "; restore the size, or start from new state");
        }
        filled = classes.length;
        System.arraycopy(embeddings, 0, queue, 0, embeddings.length);
        System.arraycopy(classes, 0, queueClasses, 0, classes.length);
    }
}
