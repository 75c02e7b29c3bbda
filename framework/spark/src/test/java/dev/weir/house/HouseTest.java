package dev.weir.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The walls between the packages of this artifact. */
class HouseTest {
  /** Each package imports only those before it. */
  private static final List<String> ORDER =
      List.of(
          // The artifact below.
          "artifact",
          "error",
          "background",
          "store",
          "config",
          "profile",
          "lineage",
          "registry",
          "provenance",
          "pin",
          "audit",
          "alert",
          "report",
          // This one.
          "code",
          "session",
          "data",
          "vacuum",
          "pipeline",
          "plan",
          "run",
          "ingest",
          "quality",
          "feature",
          "ml",
          "reproduce");

  /** What holds stages, which know nothing of how they are run. */
  private static final Set<String> STAGES = Set.of("ingest", "quality", "feature", "ml");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.weir");

  @Test
  void theScanFindsTheClasses() {
    assertThat(CLASSES).hasSizeGreaterThan(100);
    assertThat(CLASSES).extracting(HouseTest::room).contains("config", "pipeline", "session");
  }

  @Test
  void everyPackageHasItsPlace() {
    assertThat(CLASSES).allSatisfy(c -> assertThat(ORDER).contains(room(c)));
  }

  @Test
  void importsGoOneWay() {
    TreeSet<String> wrong = new TreeSet<>();
    for (JavaClass from : CLASSES) {
      for (var dependency : from.getDirectDependenciesFromSelf()) {
        JavaClass to = dependency.getTargetClass().getBaseComponentType();
        if (to.getPackageName().startsWith("dev.weir.")
            && (ORDER.indexOf(room(to)) > ORDER.indexOf(room(from))
                || (STAGES.contains(room(from))
                    && (room(to).equals("run") || room(to).equals("plan"))))) {
          wrong.add(room(from) + " must not import " + room(to) + ": " + dependency);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(CLASSES)
        .allSatisfy(
            c ->
                assertThat(c.getPackage().isAnnotatedWith(NullMarked.class))
                    .as(c.getPackageName())
                    .isTrue());
  }

  private static String room(JavaClass type) {
    return type.getPackageName().split("\\.", 4)[2];
  }
}
