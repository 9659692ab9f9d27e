package dev.reflux.service.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.Serializable;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.accumulators.Accumulator;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorFactory;
import org.junit.jupiter.api.Test;

/** Who may know whom. Code that breaks one of these belongs elsewhere. */
@AnalyzeClasses(packages = "dev.reflux", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String[] LEAVES = {
        "dev.reflux.distillation..", "dev.reflux.events..", "dev.reflux.drift..", "dev.reflux.checkpoints.."
    };
    private static final String FLINK = "org.apache.flink..";
    private static final String KAFKA = "org.apache.kafka..";
    private static final String DJL = "ai.djl..";

    @ArchTest
    static final ArchRule imports_leaves_knowNothingAboveThem = noClasses()
            .that()
            .resideInAnyPackage(LEAVES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.reflux.jobs..", "dev.reflux.service..", "dev.reflux.benchmarks..");

    @ArchTest
    static final ArchRule imports_jobs_knowNothingAboveThem = noClasses()
            .that()
            .resideInAPackage("dev.reflux.jobs..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.reflux.service..", "dev.reflux.benchmarks..");

    @ArchTest
    static final ArchRule imports_distillation_isALeaf =
            leaf("distillation", "dev.reflux.events..", "dev.reflux.drift..", "dev.reflux.checkpoints..", FLINK, KAFKA);

    @ArchTest
    static final ArchRule imports_events_isALeaf = leaf(
            "events", "dev.reflux.distillation..", "dev.reflux.drift..", "dev.reflux.checkpoints..", FLINK, KAFKA, DJL);

    @ArchTest
    static final ArchRule imports_checkpoints_isALeaf =
            leaf("checkpoints", "dev.reflux.distillation..", "dev.reflux.events..", "dev.reflux.drift..", FLINK, DJL);

    @ArchTest
    static final ArchRule imports_drift_needsTheJdkOnly = classes()
            .that()
            .resideInAPackage("dev.reflux.drift..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.reflux.drift..", "java..", "org.jspecify.annotations..");

    /** Kafka's server classes promise nothing from one version to the next. */
    @ArchTest
    static final ArchRule imports_kafkaServer_isHiddenBehindOneClass = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.reflux.service.embedded.EmbeddedKafka")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("kafka..", "org.apache.kafka.server..", "org.apache.kafka.metadata..");

    /** What Flink ships inside a job graph has to be serializable; nothing of ours is otherwise, and no state ever. */
    @ArchTest
    static final ArchRule serialization_java_onlyWhereFlinkAsksForIt = noClasses()
            .that(areNotOfFlinksKind())
            .should()
            .implement(Serializable.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.io.ObjectOutputStream.class);

    @ArchTest
    static final ArchRule waiting_threadSleep_isNoWayToWait =
            noClasses().should().callMethod(Thread.class, "sleep", long.class);

    @Test
    void threadSleep_inOurTests_isNotUsedEither() {
        JavaClasses all = new ClassFileImporter().importPackages("dev.reflux");

        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(all);
    }

    /** It is GPL, and an oracle of tests and a rival in benchmarks alone. */
    @Test
    void moa_isOnNoClassPathThatIsShipped() {
        assertThatThrownBy(() -> Class.forName("moa.classifiers.core.driftdetection.ADWIN"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void packages_ofTheModules_areNotShared() throws IOException {
        List<String> roots = List.of("distillation", "events", "drift", "checkpoints", "jobs", "service");
        Set<String> split = new TreeSet<>();
        for (String root : roots) {
            List<URL> places =
                    Collections.list(ArchitectureTest.class.getClassLoader().getResources("dev/reflux/" + root))
                            .stream()
                            .filter(place -> !place.getPath().contains("test-classes"))
                            .toList();
            assertThat(places).as("module of dev.reflux." + root).isNotEmpty();
            if (places.size() > 1) {
                split.add(root + " in " + places);
            }
        }
        assertThat(split).isEmpty();
    }

    private static ArchRule leaf(String module, String... forbidden) {
        return noClasses()
                .that()
                .resideInAPackage("dev.reflux." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden);
    }

    private static DescribedPredicate<JavaClass> areNotOfFlinksKind() {
        List<Class<?>> flinks = List.of(
                StreamOperator.class,
                StreamOperatorFactory.class,
                TypeSerializer.class,
                TypeInformation.class,
                Accumulator.class);
        return DescribedPredicate.describe("are not shipped by Flink", type -> {
            boolean inherited = type.isAssignableTo(Throwable.class) || type.isEnum();
            boolean shipped = flinks.stream().anyMatch(type::isAssignableTo)
                    || type.getAllRawInterfaces().stream()
                            .anyMatch(one -> one.getPackageName().startsWith("org.apache.flink"))
                    || type.getFullName().equals("dev.reflux.jobs.JobSettings");
            return !inherited
                    && !shipped
                    && !type.isAnonymousClass()
                    && !type.getSimpleName().contains("$Lambda");
        });
    }
}
