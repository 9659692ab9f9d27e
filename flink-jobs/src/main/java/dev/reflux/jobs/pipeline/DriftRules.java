package dev.reflux.jobs.pipeline;

import dev.reflux.distillation.reaction.ReactionSpec.Alternative;
import dev.reflux.drift.Measure;
import dev.reflux.jobs.pipeline.DistanceSettings.Subject;
import dev.reflux.jobs.pipeline.DistillationSettings.Scheme;
import dev.reflux.jobs.pipeline.TeacherSettings.From;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Texts;
import java.util.List;

/** What drift monitoring needs of the other settings, and cannot give to them. */
final class DriftRules {

    private DriftRules() {}

    /** @throws OptionException for the first rule that is broken */
    static void check(DriftSettings drift, List<FeatureSettings> features) {
        List<String> numerics = features.stream()
                .filter(FeatureSettings.Numeric.class::isInstance)
                .map(FeatureSettings::name)
                .toList();
        for (int i = 0; i < drift.detectors().size(); i++) {
            String feature = drift.detectors().get(i).feature();
            if (feature != null && !numerics.contains(feature)) {
                throw new OptionException(
                        "drift.detectors[" + i + "].feature",
                        "'" + feature + "' found, the events have the numeric features " + numerics);
            }
        }
        for (int i = 0; i < drift.distances().size(); i++) {
            DistanceSettings distance = drift.distances().get(i);
            if (distance.on() == Subject.FEATURES) {
                check("drift.distances[" + i + "]", distance, features);
            }
        }
    }

    /** @throws OptionException when there would be a second teacher that cannot be one */
    static void check(
            ReactionSettings reaction,
            TeacherSettings teacher,
            DistillationSettings distillation,
            FeedbackSettings feedback) {
        if (reaction.alternative() == Alternative.NONE) {
            return;
        }
        String found = Texts.wireName(reaction.alternative()) + " found, but ";
        String path = "drift.reaction.alternative";
        if (distillation.scheme() != Scheme.ONLINE) {
            throw new OptionException(
                    path,
                    found + "distillation.scheme is " + Texts.wireName(distillation.scheme())
                            + ", so no teacher learns here; set it to none");
        }
        if (teacher.from() != From.NETWORK) {
            throw new OptionException(
                    path,
                    found + "teacher.from is " + Texts.wireName(teacher.from())
                            + ", which learns nothing; set it to none");
        }
        if (feedback.policy() == FeedbackSettings.Policy.META) {
            throw new OptionException(
                    path,
                    found
                            + "feedback.policy is meta, whose feedback is on what the first teacher taught; set one of the two to none");
        }
    }

    private static void check(String path, DistanceSettings distance, List<FeatureSettings> features) {
        List<String> suited = features.stream()
                .filter(feature -> suits(distance.measure(), feature))
                .map(FeatureSettings::name)
                .toList();
        String measure = distance.measure().wireName();
        for (String name : distance.features()) {
            if (!suited.contains(name)) {
                throw new OptionException(
                        path + ".features",
                        "'" + name + "' found, " + measure + " is made for " + kinds(distance.measure())
                                + " features, of which the events have " + suited);
            }
        }
        if (suited.isEmpty()) {
            throw new OptionException(
                    path + ".on",
                    "features found, but the events have no " + kinds(distance.measure()) + " feature, which " + measure
                            + " is made for; leave it out");
        }
    }

    /** Whether the distribution of a feature can be measured so. */
    private static boolean suits(Measure measure, FeatureSettings feature) {
        return switch (measure) {
            case PSI, JENSEN_SHANNON ->
                feature instanceof FeatureSettings.Numeric || feature instanceof FeatureSettings.Category;
            case KOLMOGOROV_SMIRNOV -> feature instanceof FeatureSettings.Numeric;
            case MMD -> feature instanceof FeatureSettings.Tensor;
            case CALIBRATION -> false;
        };
    }

    private static String kinds(Measure measure) {
        return switch (measure) {
            case PSI, JENSEN_SHANNON -> "numeric or category";
            case KOLMOGOROV_SMIRNOV -> "numeric";
            case MMD -> "tensor";
            case CALIBRATION -> "no";
        };
    }
}
