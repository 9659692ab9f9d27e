package dev.reflux.service.commands;

import dev.reflux.service.ExitCode;
import dev.reflux.service.Interruption;
import dev.reflux.service.UsageException;
import dev.reflux.service.compare.Comparison;
import dev.reflux.service.compare.ComparisonReport;
import dev.reflux.service.compare.ComparisonTable;
import dev.reflux.service.compare.Sharing;
import dev.reflux.service.compare.Variant;
import dev.reflux.service.compare.VariantsFile;
import dev.reflux.service.progress.ProgressView;
import dev.reflux.service.runs.RunOutput;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reflux compare}. */
@Command(
        name = "compare",
        description = {
            "Runs variants of a pipeline on the same file, each as `reflux evaluate` does, and prints what each student"
                    + " gains over the student alone: the same network, optimizer, seed and batches, taught by the labels"
                    + " only.",
            "Without --variants: the file as it is, each loss beside the labels, each feedback policy and each scheme."
        },
        footerHeading = "%nA file of variants:%n",
        footer = {
            "  variants:",
            "    - name: soft",
            "      set: [\"distillation.losses={label: 0.5, kd: {weight: 0.5, temperature: 4}}\"]",
            "    - name: large teacher",
            "      set: [\"teacher.network.hidden=[512, 256]\", feedback.policy=none]"
        })
public final class CompareCommand implements Callable<Integer> {
    @Mixin
    private PipelineFile pipelineFile = new PipelineFile();

    @Mixin
    private CsvFile csv = new CsvFile();

    @Option(
            names = "--labels",
            paramLabel = "SHARE",
            split = ",",
            description =
                    "Shares of the labels that learning may see, each 0 to 1, separated by commas (default: 1); quality is"
                            + " measured on all of them.")
    private List<Double> labels = List.of(1.0);

    @Option(
            names = "--variants",
            paramLabel = "FILE.yaml",
            description = "What to compare: names, each with what it sets, as after --set.")
    private @Nullable Path variants;

    @Option(
            names = "--separate",
            description =
                    "Run each variant in a job of its own, so that events/s is its own; slower. Else those that differ in"
                            + " the student alone learn side by side under one teacher, with the same results.")
    private boolean separate;

    @Option(names = "--markdown", description = "Print the tables as Markdown; progress then goes to standard error.")
    private boolean markdown;

    @Mixin
    private ReportFile reportFile = new ReportFile();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        for (double share : labels) {
            if (!(share >= 0 && share <= 1)) {
                throw new UsageException("--labels has " + share + ", must be from 0 (hide all) to 1 (hide none)");
            }
        }
        List<Variant> named = variants == null ? List.of() : read(variants);
        csv.open(pipelineFile.read()).close();
        Comparison.Stream stream =
                new Comparison.Stream(csv.file().getFileName().toString(), csv.count(), csv::open);
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter progress = markdown ? spec.commandLine().getErr() : out;
        RunOutput output = new RunOutput(progress, ProgressView.Style.ofStandardOutput());
        try (Interruption interruption = new Interruption()) {
            Comparison comparison = new Comparison(
                    new Comparison.Request(
                            pipelineFile::read, named, separate ? Sharing.SEPARATE : Sharing.SHARED, stream, labels),
                    output,
                    interruption);
            ComparisonReport report = comparison.run(soFar -> reportFile.write(soFar.toJson()));
            if (interruption.isRequested()) {
                progress.println("interrupted");
            }
            progress.println();
            progress.flush();
            if (report.hasResults()) {
                out.print(ComparisonTable.of(
                        report, markdown ? ComparisonTable.Form.MARKDOWN : ComparisonTable.Form.TEXT));
                out.flush();
                reportFile.write(report.toJson(), progress);
                progress.flush();
            }
            if (interruption.isRequested()) {
                return interruption.exitCode();
            }
            return report.failed() ? ExitCode.FAILED : ExitCode.OK;
        }
    }

    private static List<Variant> read(Path file) {
        try {
            return VariantsFile.read(file.getFileName().toString(), Files.readString(file))
                    .variants();
        } catch (NoSuchFileException e) {
            throw new UsageException("--variants " + file + ": no such file", e);
        } catch (CharacterCodingException e) {
            throw new UsageException("--variants " + file + ": not UTF-8 text; save it as UTF-8", e);
        } catch (IOException e) {
            throw new UsageException("--variants " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
