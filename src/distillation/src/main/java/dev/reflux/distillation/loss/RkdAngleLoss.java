package dev.reflux.distillation.loss;

import dev.reflux.distillation.engine.Rng;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * Relational knowledge distillation by angles: Park et al., "Relational Knowledge Distillation", CVPR 2019. The angle
 * under which a row sees two others is to be the same in the student's and the teacher's layer.
 *
 * <pre>L = 1/A * sum_(i,j,k) huber( cos_s(i,j,k) - cos_t(i,j,k) )
 * cos(i,j,k) = (x_i - x_j).(x_k - x_j) / (|x_i - x_j| |x_k - x_j|) = (d_ij^2 + d_kj^2 - d_ik^2) / (2 d_ij d_kj)
 * dcos/dd_ij = 1/d_kj - cos/d_ij,   dcos/dd_kj = 1/d_ij - cos/d_kj,   dcos/dd_ik = -d_ik / (d_ij d_kj)</pre>
 *
 * <p>{@code n (n-1) (n-2) / 2} angles of {@code n} rows: when that is more than the option {@code triples}, so many are
 * drawn, with replacement, by a generator that is part of the state. Distances are taken once, so an angle costs a few
 * operations whatever the width.
 *
 * <p>Zero for layers that are rotated, moved and scaled images of each other. An angle at rows that (nearly) coincide,
 * closer than {@value #NEAR} of the mean distance, is left out: it is noise, with a gradient without bound. Says nothing
 * below three rows. Not alone: it fixes the shape and leaves the scale to the other losses.
 */
public final class RkdAngleLoss extends RelationLoss {

    private static final int VERSION = 1;
    private static final double NEAR = 1e-3;

    static final LossType TYPE = LossType.ofRelations(
            "rkd-angle",
            3,
            RkdAngleLoss::new,
            LossOption.studentLayer("last"),
            LossOption.teacherLayer("last"),
            LossOption.number(
                    "triples",
                    "Most angles that are compared per step; where there are more, so many are drawn",
                    "1024",
                    "[1, 1e8]"));

    private final PairDistances own = new PairDistances();
    private final PairDistances other = new PairDistances();
    private final int triples;
    private Rng random;

    RkdAngleLoss(LossSettings settings) {
        super(TYPE, settings);
        this.triples = settings.count("triples");
        this.random = settings.random();
    }

    @Override
    double relate(Rows student, Rows teacher, double weight, float[] target) {
        own.measure(student);
        other.measure(teacher);
        int count = student.count();
        long all = (long) count * (count - 1) * (count - 2) / 2;
        double loss = all <= triples ? compareAll(count, all) : compareSome(count);
        own.addGradient(student, weight, target);
        return loss;
    }

    private double compareAll(int count, long all) {
        double loss = 0;
        for (int j = 0; j < count; j++) {
            for (int i = 0; i < count; i++) {
                for (int k = i + 1; k < count; k++) {
                    if (i != j && k != j) {
                        loss += compare(i, j, k, 1.0 / all);
                    }
                }
            }
        }
        return loss;
    }

    private double compareSome(int count) {
        double loss = 0;
        for (int drawn = 0; drawn < triples; drawn++) {
            int j = random.nextInt(count);
            int i = random.nextInt(count - 1);
            int k = random.nextInt(count - 2);
            i += i >= j ? 1 : 0;
            k += k >= Math.min(i, j) ? 1 : 0;
            k += k >= Math.max(i, j) ? 1 : 0;
            loss += compare(i, j, k, 1.0 / triples);
        }
        return loss;
    }

    /** {@code factor} times the loss of the angle at {@code j}; adds its derivatives by the three distances. */
    private double compare(int i, int j, int k, double factor) {
        double ownNear = NEAR * own.mean();
        double otherNear = NEAR * other.mean();
        if (own.get(i, j) <= ownNear
                || own.get(k, j) <= ownNear
                || other.get(i, j) <= otherNear
                || other.get(k, j) <= otherNear) {
            return 0;
        }
        double cosine = cosine(own, i, j, k);
        double difference = cosine - cosine(other, i, j, k);
        double slope = factor * huberSlope(difference);
        double ij = own.get(i, j);
        double kj = own.get(k, j);
        own.addSlope(i, j, slope * (1 / kj - cosine / ij));
        own.addSlope(k, j, slope * (1 / ij - cosine / kj));
        own.addSlope(i, k, -slope * own.get(i, k) / (ij * kj));
        return factor * huber(difference);
    }

    private static double cosine(PairDistances distances, int i, int j, int k) {
        double ij = distances.get(i, j);
        double kj = distances.get(k, j);
        double ik = distances.get(i, k);
        return (ij * ij + kj * kj - ik * ik) / (2 * ij * kj);
    }

    @Override
    public void write(StateWriter out) {
        out.section("loss-rkd-angle", VERSION, body -> body.putLong(random.state()));
    }

    @Override
    public void read(StateReader in) {
        random = new Rng(in.section("loss-rkd-angle", VERSION).getLong());
    }
}
