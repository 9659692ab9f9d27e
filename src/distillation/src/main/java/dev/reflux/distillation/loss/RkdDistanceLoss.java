package dev.reflux.distillation.loss;

/**
 * Relational knowledge distillation by distances: Park et al., "Relational Knowledge Distillation", CVPR 2019. Rows that
 * lie far apart in the teacher's layer are to lie far apart in the student's, in units of the mean distance of each.
 *
 * <pre>L = 1/P * sum_(i&lt;j) huber( |s_i - s_j| / m_s - |t_i - t_j| / m_t )      P pairs, m_s and m_t the mean distances
 * dL/dd_ij = h_ij / (P m_s) - sum_kl h_kl d_kl / (P m_s)^2      d the student's distances, h_ij the slope of huber</pre>
 *
 * <p>Zero for layers that are rotated, moved and scaled images of each other. Says nothing below three rows: one distance
 * is its own mean. Costs the square of the rows times the width. Not for streams whose neighbours are nearly the same
 * event: their few small distances say little.
 */
public final class RkdDistanceLoss extends RelationLoss {

    static final LossType TYPE = LossType.ofRelations(
            "rkd-distance", 3, RkdDistanceLoss::new, LossOption.studentLayer("last"), LossOption.teacherLayer("last"));

    private final PairDistances own = new PairDistances();
    private final PairDistances other = new PairDistances();

    RkdDistanceLoss(LossSettings settings) {
        super(TYPE, settings);
    }

    @Override
    double relate(Rows student, Rows teacher, double weight, float[] target) {
        own.measure(student);
        other.measure(teacher);
        if (own.mean() == 0 || other.mean() == 0) {
            return 0;
        }
        double unit = 1 / (own.pairs() * own.mean());
        double loss = 0;
        double slopeOfMean = 0;
        for (int i = 0; i < student.count(); i++) {
            for (int j = i + 1; j < student.count(); j++) {
                double difference = own.get(i, j) / own.mean() - other.get(i, j) / other.mean();
                double slope = huberSlope(difference);
                loss += huber(difference);
                own.addSlope(i, j, unit * slope);
                slopeOfMean -= unit * unit * slope * own.get(i, j);
            }
        }
        for (int i = 0; i < student.count(); i++) {
            for (int j = i + 1; j < student.count(); j++) {
                own.addSlope(i, j, slopeOfMean);
            }
        }
        own.addGradient(student, weight, target);
        return loss / own.pairs();
    }
}
