package dev.reflux.service.compare;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.List;

/** A pipeline file with some settings changed. */
public record Variant(
        @Option(
                description = "Its name in the table",
                pattern = "\\S(.{0,38}\\S)?",
                patternInWords = "1 to 40 characters that neither begin nor end with a blank")
        String name,

        @Option(description = "What it sets, each PATH=VALUE as after --set", defaultValue = "[]")
        List<String> set) {

    public Variant {
        set = List.copyOf(set);
        Options.check(Variant.class, name, set);
    }
}
