package dev.reflux.distillation.loss;

import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import java.util.Arrays;
import java.util.List;

/**
 * Attention transfer: Zagoruyko and Komodakis, "Paying More Attention to Attention", ICLR 2017. The student is to look
 * where the teacher looks: their feature maps, squared and summed over the channels, are to agree up to their scale.
 *
 * <pre>L = 1/n * sum_i | a(s_i) / |a(s_i)| - a(t_i) / |a(t_i)| |^2      a(s)[y, x] = sum_c s[c, y, x]^2,   in [0, 2]
 * dL/ds_i[c, y, x] = 4/n * s_i[c, y, x] / |a| * ( (u . v) u - v )[y, x]      u, v the two maps at length 1</pre>
 *
 * <p>Both layers are feature maps {@code [channels, height, width]} or sequences {@code [tokens, width]}, whose positions are
 * the tokens. Where one is larger along a side it is averaged over equal blocks down to the other, so the larger side must be
 * a multiple of the smaller. A row whose map is all zero on either side is left out.
 *
 * <p>Not for layers without positions: units of two networks do not correspond, {@link HintLoss} learns which do.
 */
public final class AttentionTransferLoss implements Loss {

    static final LossType TYPE = LossType.of(
            "attention-transfer",
            AttentionTransferLoss::new,
            LossOption.studentLayer("last"),
            LossOption.teacherLayer("last"));

    private final FeatureLayer studentLayer;
    private final FeatureLayer teacherLayer;
    private final Attention student;
    private final Attention teacher;
    private final double[] slope;

    AttentionTransferLoss(LossSettings settings) {
        this.studentLayer = settings.studentLayer("student");
        this.teacherLayer = settings.teacherLayer("teacher");
        int sides = requireMap(settings, "student", studentLayer);
        if (requireMap(settings, "teacher", teacherLayer) != sides) {
            throw settings.illegal(
                    "teacher",
                    "'" + teacherLayer.name() + "' " + teacherLayer.shape() + " found beside the student's '"
                            + studentLayer.name() + "' " + studentLayer.shape()
                            + ", both must have positions along the same number of sides; name another layer");
        }
        int[] common = new int[sides];
        for (int i = 0; i < sides; i++) {
            int own = studentLayer.places().get(i);
            int other = teacherLayer.places().get(i);
            common[i] = Math.min(own, other);
            if (Math.max(own, other) % common[i] != 0) {
                throw settings.illegal(
                        "student",
                        "'" + studentLayer.name() + "' " + studentLayer.shape() + " found beside the teacher's '"
                                + teacherLayer.name() + "' " + teacherLayer.shape()
                                + ", the larger of two sides must be a multiple of the smaller; name layers of such sizes");
            }
        }
        this.student = new Attention(studentLayer, common);
        this.teacher = new Attention(teacherLayer, common);
        this.slope = new double[student.map.length];
    }

    private static int requireMap(LossSettings settings, String option, FeatureLayer layer) {
        if (layer.places().isEmpty()) {
            throw settings.illegal(
                    option,
                    "'" + layer.name() + "' " + layer.shape()
                            + " found, attention needs a feature map [channels, height, width] or a sequence [tokens,"
                            + " width]; name a layer of a convolution or of a transformer, or use the loss hint, which"
                            + " takes any layer");
        }
        return layer.places().size();
    }

    @Override
    public double addGradient(LossInput input, double weight, Outputs gradient) {
        Lesson lesson = input.requireLesson(TYPE.name());
        int rows = input.taught();
        if (rows == 0) {
            return 0;
        }
        float[] own = input.outputs().features(studentLayer.name());
        float[] other = lesson.features(teacherLayer.name());
        float[] target = gradient.features(studentLayer.name());
        double loss = 0;
        for (int row = input.from(); row < input.to(); row++) {
            if (!lesson.teaches(row)) {
                continue;
            }
            double length = student.look(own, row);
            if (length == 0 || teacher.look(other, row) == 0) {
                continue;
            }
            for (int i = 0; i < slope.length; i++) {
                double distance = student.map[i] - teacher.map[i];
                loss += distance * distance;
                slope[i] = 2 * distance;
            }
            Vectors.throughNormalisation(student.map, 0, length, slope, slope.length);
            student.addGradient(slope, weight / rows, own, target, row);
        }
        return loss / rows;
    }

    /** Squares summed over channels and over blocks of positions, at length 1. */
    private static final class Attention {
        final int channels;
        /** Index in the map of each position. */
        final int[] cells;
        /** From a value to that of the next channel, and to that of the next position. */
        final int channelStep;

        final int positionStep;
        final double[] map;

        Attention(FeatureLayer layer, int[] common) {
            List<Integer> sides = layer.places();
            channels = layer.channels();
            cells = new int[layer.width() / channels];
            channelStep = layer.channelsLast() ? 1 : cells.length;
            positionStep = layer.channelsLast() ? channels : 1;
            map = new double[Arrays.stream(common).reduce(1, Math::multiplyExact)];
            for (int position = 0; position < cells.length; position++) {
                int rest = position;
                int stride = 1;
                for (int i = common.length - 1; i >= 0; i--) {
                    int side = sides.get(i);
                    cells[position] += stride * (rest % side / (side / common[i]));
                    rest /= side;
                    stride *= common[i];
                }
            }
        }

        private int at(int row, int channel, int position) {
            return row * channels * cells.length + channel * channelStep + position * positionStep;
        }

        /** Fills the map of a row; returns the length that it had, 0 for a map of zeros. */
        double look(float[] values, int row) {
            Arrays.fill(map, 0);
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < cells.length; i++) {
                    float value = values[at(row, c, i)];
                    map[cells[i]] += (double) value * value;
                }
            }
            double length = Math.sqrt(Vectors.dot(map, 0, map, 0, map.length));
            for (int i = 0; length > 0 && i < map.length; i++) {
                map[i] /= length;
            }
            return length;
        }

        void addGradient(double[] slope, double factor, float[] values, float[] target, int row) {
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < cells.length; i++) {
                    int at = at(row, c, i);
                    target[at] += (float) (factor * 2 * values[at] * slope[cells[i]]);
                }
            }
        }
    }
}
