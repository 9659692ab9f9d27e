package dev.reflux.service.compare;

import dev.reflux.distillation.loss.LossType;
import dev.reflux.distillation.loss.Losses;
import dev.reflux.jobs.pipeline.DistillationSettings;
import dev.reflux.jobs.pipeline.FeedbackSettings;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.options.Texts;
import java.util.ArrayList;
import java.util.List;

/**
 * What is compared when no variants are named: the file as it is, each loss of this build beside the labels (half and
 * half, without feedback, so that one teacher teaches all), each feedback policy and each scheme.
 */
final class BuiltInVariants {
    /** The pipeline as it is. */
    static final Variant FILE = new Variant("file", List.of());

    private static final String LABEL = "label";

    private BuiltInVariants() {}

    /** The others. */
    static List<Variant> of(Pipeline base) {
        List<Variant> variants = new ArrayList<>();
        for (LossType loss : Losses.types()) {
            if (!loss.name().equals(LABEL)) {
                List<String> set = new ArrayList<>(List.of("feedback.policy=none"));
                for (int i = 0; i < base.students().size(); i++) {
                    set.add("students." + i + ".distillation.losses={" + LABEL + ": 0.5, " + loss.name() + ": 0.5}");
                }
                variants.add(new Variant(loss.name(), set));
            }
        }
        for (FeedbackSettings.Policy policy : FeedbackSettings.Policy.values()) {
            String name = Texts.wireName(policy);
            variants.add(new Variant("feedback " + name, List.of("feedback.policy=" + name)));
        }
        for (DistillationSettings.Scheme scheme : DistillationSettings.Scheme.values()) {
            String name = Texts.wireName(scheme);
            variants.add(new Variant("scheme " + name, List.of("distillation.scheme=" + name)));
        }
        return variants;
    }
}
