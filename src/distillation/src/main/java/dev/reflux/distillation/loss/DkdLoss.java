package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Outputs;

/**
 * Decoupled knowledge distillation: Zhao et al., "Decoupled Knowledge Distillation", CVPR 2022. The divergence of
 * {@link KdLoss} in two parts with weights of their own: how sure the teacher is of the target class, and how it ranks
 * the others among themselves. In {@code kd} the second part counts by {@code 1 - p_t}, so that the surer the teacher
 * is, the less of its ranking is learned.
 *
 * <pre>L = T^2/n * sum_i ( alpha * KL( b(p_i) || b(q_i) ) + beta * KL( p^_i || q^_i ) )
 * b(p) = (p_t, 1 - p_t) for the target class t;   p^ = softmax of the logits / T of the other classes
 * dL/dz_it = T/n * alpha * (q_t - p_t)
 * dL/dz_ic = T/n * ( alpha * (p_t - q_t) * q^_c + beta * (q^_c - p^_c) )      c != t</pre>
 *
 * <p>The target is the visible label; on a row without one it is the class that the teacher holds most likely. With
 * {@code alpha = 1} and {@code beta = 1 - p_t} it is {@code kd}.
 *
 * <p>Not of use with two classes, where nothing is left to rank and it is {@code kd}; and a large {@code beta} is a large
 * step: the paper's 8 at temperature 4 belongs to small learning rates and large batches.
 */
public final class DkdLoss implements Loss {

    static final LossType TYPE = LossType.of(
            "dkd",
            DkdLoss::new,
            LossOption.number("temperature", "Softens both outputs", "1", "(0, 1000]"),
            LossOption.number("alpha", "Factor of the part on the target class", "1", "[0, 1000]"),
            LossOption.number("beta", "Factor of the part on the ranking of the other classes", "1", "[0, 1000]"));

    private final double temperature;
    private final double alpha;
    private final double beta;
    private final Parts teacher;
    private final Parts student;

    DkdLoss(LossSettings settings) {
        this.temperature = settings.number("temperature");
        this.alpha = settings.number("alpha");
        this.beta = settings.number("beta");
        this.teacher = new Parts(settings.classes());
        this.student = new Parts(settings.classes());
    }

    @Override
    public double addGradient(LossInput input, double weight, Outputs gradient) {
        Lesson lesson = input.requireLesson(TYPE.name());
        int rows = input.taught();
        if (rows == 0) {
            return 0;
        }
        int classes = input.classes();
        double scale = weight * temperature / rows;
        double loss = 0;
        for (int row = input.from(); row < input.to(); row++) {
            if (!lesson.teaches(row)) {
                continue;
            }
            int target = input.target(row);
            teacher.split(lesson.softLabels(), row * classes, target, temperature);
            student.split(input.logits(), row * classes, target, temperature);
            double surer = student.target() - teacher.target();
            double divergence = alpha
                    * (divergence(teacher.logTarget, student.logTarget)
                            + divergence(teacher.logOthers, student.logOthers));
            for (int c = 0; c < classes; c++) {
                double change = alpha * surer;
                if (c != target) {
                    double own = Math.exp(student.logRank[c]);
                    change = -alpha * surer * own + beta * (own - Math.exp(teacher.logRank[c]));
                    divergence += beta * divergence(teacher.logRank[c], student.logRank[c]);
                }
                gradient.logits()[row * classes + c] += (float) (scale * change);
            }
            loss += divergence;
        }
        return temperature * temperature * loss / rows;
    }

    /** {@code p ln(p / q)} of logarithms. */
    private static double divergence(double logP, double logQ) {
        double p = Math.exp(logP);
        return p == 0 ? 0 : p * (logP - logQ);
    }

    /** Softened probabilities of a row, split at its target class, as logarithms. */
    private static final class Parts {
        /** In place of minus infinity, the logit of a class that a teacher from outside rules out. */
        static final double LEAST = -1e30;

        /** Of each class among those that are not the target. */
        final double[] logRank;

        double logTarget;
        double logOthers;

        Parts(int classes) {
            logRank = new double[classes];
        }

        double target() {
            return Math.exp(logTarget);
        }

        void split(float[] logits, int at, int target, double temperature) {
            double most = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < logRank.length; c++) {
                logRank[c] = Math.max(logits[at + c], LEAST) / temperature;
                most = c == target ? most : Math.max(most, logRank[c]);
            }
            double sum = 0;
            for (int c = 0; c < logRank.length; c++) {
                sum += c == target ? 0 : Math.exp(logRank[c] - most);
            }
            double others = most + Math.log(sum);
            double ahead = logRank[target] - others;
            logTarget = -softplus(-ahead);
            logOthers = -softplus(ahead);
            for (int c = 0; c < logRank.length; c++) {
                logRank[c] -= others;
            }
        }

        /** {@code ln(1 + e^x)} without overflow. */
        private static double softplus(double x) {
            return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
        }
    }
}
