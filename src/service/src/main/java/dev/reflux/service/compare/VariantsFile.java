package dev.reflux.service.compare;

import dev.reflux.jobs.pipeline.options.InvalidOptionsException;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.OptionReader;
import dev.reflux.jobs.pipeline.options.Options;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The file that {@code reflux compare --variants} reads. */
public record VariantsFile(
        @Option(description = "What is compared, in the order of the table", count = "[1, 1000]")
        List<Variant> variants) {

    private static final OptionReader<VariantsFile> READER =
            new OptionReader<>(VariantsFile.class, "REFLUX_VARIANTS", List.of());

    public VariantsFile {
        variants = List.copyOf(variants);
        Options.check(VariantsFile.class, variants);
        Set<String> names = new HashSet<>();
        for (Variant variant : variants) {
            if (variant.name().equals(Plan.ALONE)) {
                throw new OptionException(
                        "variants",
                        "'" + Plan.ALONE + "' found, which is the name of the student alone, and that is always there;"
                                + " choose another");
            }
            if (!names.add(variant.name())) {
                throw new OptionException(
                        "variants", "'" + variant.name() + "' is named twice; give each variant its own name");
            }
        }
    }

    /**
     * Reads a file's text.
     *
     * @param source what errors call it
     * @throws InvalidOptionsException with everything that is wrong
     */
    public static VariantsFile read(String source, String yaml) {
        return READER.read(source, yaml, Map.of(), List.of());
    }
}
