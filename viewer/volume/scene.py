"""What VTK draws: the volume, the lungs' glass behind and before it, the findings over all."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import vtkmodules.vtkRenderingOpenGL2
import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401  (the GPU's mapper comes with it)
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkCommonDataModel import vtkPiecewiseFunction, vtkPolyData
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkColorTransferFunction,
    vtkLight,
    vtkPolyDataMapper,
    vtkRenderer,
    vtkRenderWindow,
    vtkVolume,
    vtkVolumeProperty,
)
from vtkmodules.vtkRenderingVolume import (
    vtkFixedPointVolumeRayCastMapper,
    vtkGPUVolumeRayCastMapper,
)

from viewer.volume.camera import VolumeCamera
from viewer.volume.grid import Grid, Hu, image_of
from viewer.volume.ladder import Step
from viewer.volume.messages import CPU, Rgb
from viewer.volume.presets import MAXIMUM, VolumePreset

BEHIND, BEFORE, OVER = range(3)
"""Layers: glass behind with the volume; glass before it; the findings, which nothing hides."""

FAR_MM = 2000.0
LEAST_TEXTURE = 256
"""Voxels a side that every driver of OpenGL 3 holds."""

LIGHT_FROM = (-0.45, 0.5, 1.0)
"""Over the reader's left shoulder: a lamp between the eyes shows no relief."""

GLASS = """
//VTK::Light::Impl
float edgeOn = 1.0 - abs(normalVCVSOutput.z);
float rim = pow(edgeOn, 1.7);
gl_FragData[0] = vec4(mix(diffuseColor * 0.55, diffuseColor * 1.05, rim), FILL + RIM * rim);
"""
"""Clear where it is looked through, bright where it is looked along, whatever the light."""

BACK_GLASS, FRONT_GLASS = (0.10, 0.65), (0.04, 0.85)
"""Fill and rim of the far and the near half."""


@dataclass(frozen=True, eq=False)
class Glass:
    """A lung's skin, with normals, in its colour: one for rest, one of fewer parts for moving."""

    label: int
    rgb: Rgb
    fine: vtkPolyData
    coarse: vtkPolyData


@dataclass(frozen=True, eq=False)
class _Body:
    """A volume to draw; voxels: kept here because VTK only borrows them."""

    voxels: Hu
    volume: vtkVolume
    mapper: vtkFixedPointVolumeRayCastMapper | vtkGPUVolumeRayCastMapper
    mm: float


class Scene:
    """One offscreen window and what stands in it. Not to be used from two threads."""

    def __init__(self, route: str, *, threads: int) -> None:
        """route: which mapper draws volumes, CPU or GPU. threads: at most so many."""
        self._route, self._threads = route, threads
        self._window = vtkRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.SetNumberOfLayers(OVER + 1)
        self._layers = [vtkRenderer() for _ in range(OVER + 1)]
        camera = self._layers[BEHIND].GetActiveCamera()
        camera.ParallelProjectionOn()
        for number, layer in enumerate(self._layers):
            layer.SetLayer(number)
            layer.SetActiveCamera(camera)
            layer.SetBackground(0.0, 0.0, 0.0)
            layer.AddLight(_lamp())
            self._window.AddRenderer(layer)
        self._camera = camera
        self._bodies: tuple[_Body, ...] = ()
        self._property = vtkVolumeProperty()
        self._glass: list[tuple[vtkActor, int]] = []
        self._findings: dict[str, vtkActor] = {}
        self._pixels = vtkUnsignedCharArray()
        self._wanted: Callable[[], bool] = lambda: True
        self._window.AddObserver("AbortCheckEvent", self._check)

    @property
    def driver(self) -> str:
        """What the driver calls what it renders with; empty where it does not tell."""
        for line in self._window.ReportCapabilities().splitlines():
            name, _, value = line.partition(":")
            if name.strip().lower() == "opengl renderer string":
                return value.strip()
        return ""

    def widest(self) -> int:
        """Voxels a side that the driver's textures can hold; a larger volume is drawn wrongly."""
        from vtkmodules.vtkRenderingOpenGL2 import vtkTextureObject

        found = int(vtkTextureObject.GetMaximumTextureSize3D(self._window))
        return found if found > 0 else LEAST_TEXTURE

    # What stands in it

    def set_route(self, route: str) -> None:
        """Which mapper draws the volumes that are set from now on."""
        self._route = route

    def set_volumes(self, volumes: tuple[tuple[Hu, Grid], ...]) -> None:
        """The same thing in every fineness there is, the finest first; none for nothing."""
        for body in self._bodies:
            self._layers[BEHIND].RemoveVolume(body.volume)
            body.mapper.ReleaseGraphicsResources(self._window)
        self._bodies = tuple(self._body(voxels, grid) for voxels, grid in volumes)

    def _body(self, voxels: Hu, grid: Grid) -> _Body:
        mapper: vtkFixedPointVolumeRayCastMapper | vtkGPUVolumeRayCastMapper
        if self._route == CPU:
            mapper = vtkFixedPointVolumeRayCastMapper()
            mapper.SetNumberOfThreads(self._threads)
        else:
            mapper = vtkGPUVolumeRayCastMapper()
            mapper.UseJitteringOn()
        mapper.SetAutoAdjustSampleDistances(0)
        mapper.SetInputData(image_of(voxels, grid))
        volume = vtkVolume()
        volume.SetMapper(mapper)
        volume.SetProperty(self._property)
        volume.SetVisibility(False)
        self._layers[BEHIND].AddVolume(volume)
        return _Body(voxels, volume, mapper, grid.mm)

    def set_preset(self, preset: VolumePreset, *, gradient: float) -> None:
        """How HU are shown; gradient: what its table of gradients is multiplied by."""
        made = self._property
        made.SetInterpolationTypeToLinear()
        made.SetScalarOpacityUnitDistance(1.0)
        made.SetScalarOpacity(_ramp(preset.opacity))
        colours = vtkColorTransferFunction()
        for hu, red, green, blue in preset.colour:
            colours.AddRGBPoint(hu, red, green, blue)
        made.SetColor(colours)
        made.SetDisableGradientOpacity(not preset.gradient)
        if preset.gradient:
            made.SetGradientOpacity(_ramp(tuple((hu * gradient, a) for hu, a in preset.gradient)))
        if preset.light is not None:
            made.SetAmbient(preset.light.ambient)
            made.SetDiffuse(preset.light.diffuse)
            made.SetSpecular(preset.light.specular)
            made.SetSpecularPower(preset.light.power)
        for body in self._bodies:
            if preset.blend == MAXIMUM:
                body.mapper.SetBlendModeToMaximumIntensity()
            else:
                body.mapper.SetBlendModeToComposite()

    def set_shells(self, shells: tuple[Glass, ...], strength: float) -> None:
        """Lungs of glass; strength: how much of it, from 0 to 1."""
        for actor, _ in self._glass:
            self._layers[BEHIND].RemoveActor(actor)
            self._layers[BEFORE].RemoveActor(actor)
        self._glass = []
        for one in shells if strength > 0 else ():
            for layer, (fill, rim) in ((BEHIND, BACK_GLASS), (BEFORE, FRONT_GLASS)):
                for volume, surface in enumerate((one.fine, one.coarse)):
                    actor = _glass(surface, one.rgb, fill * strength, rim * strength)
                    actor.GetProperty().SetFrontfaceCulling(layer == BEHIND)
                    actor.GetProperty().SetBackfaceCulling(layer == BEFORE)
                    self._layers[layer].AddActor(actor)
                    self._glass.append((actor, volume))

    def set_findings(self, findings: dict[str, tuple[vtkPolyData, Rgb]]) -> None:
        """Findings by id: each a surface with normals and its colour."""
        for actor in self._findings.values():
            self._layers[OVER].RemoveActor(actor)
        self._findings = {}
        for name, (surface, rgb) in findings.items():
            mapper = vtkPolyDataMapper()
            mapper.SetInputData(surface)
            mapper.ScalarVisibilityOff()
            actor = vtkActor()
            actor.SetMapper(mapper)
            look = actor.GetProperty()
            look.SetColor(*rgb)
            look.SetAmbient(0.35)
            look.SetDiffuse(0.65)
            look.SetSpecular(0.15)
            look.SetSpecularPower(12)
            self._layers[OVER].AddActor(actor)
            self._findings[name] = actor

    # Drawing

    def draw(
        self,
        camera: VolumeCamera,
        size: tuple[int, int],
        height_mm: float,
        step: Step,
        *,
        light: bool,
        wanted: Callable[[], bool] = lambda: True,
    ) -> tuple[NDArray[np.uint8] | None, float]:
        """(height, width, 4) RGBA from the top, and the seconds it took; None once not wanted.

        size: width and height in pixels. height_mm: what the picture's height spans. light: whether
        the preset is lit (a step may still leave it unlit). wanted is asked while rays are cast.
        """
        began = time.perf_counter()
        self._wanted = wanted
        width, height = size
        self._window.SetSize(width, height)
        self._look_from(camera, height_mm)
        self._choose(step, lit=light and step.lit)
        self._window.SetAbortRender(0)
        self._window.Render()
        if not wanted():
            return None, time.perf_counter() - began
        # "1": from the front buffer, after the window has swapped; the stub lacks this overload
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 1, self._pixels)  # type: ignore[call-overload]
        picture = vtk_to_numpy(self._pixels).reshape(height, width, 4)[::-1]
        return picture, time.perf_counter() - began

    def _look_from(self, camera: VolumeCamera, height_mm: float) -> None:
        _, down, away = camera.axes
        focal = np.array(camera.focal_lps)
        self._camera.SetFocalPoint(*focal)
        self._camera.SetPosition(*(focal - away * FAR_MM))
        self._camera.SetViewUp(*-down)
        self._camera.SetParallelScale(height_mm / 2)
        self._camera.SetClippingRange(1.0, 2 * FAR_MM)

    def _choose(self, step: Step, *, lit: bool) -> None:
        """The volume of a step's fineness, and how closely its rays lie."""
        if bool(self._property.GetShade()) != lit:
            self._property.SetShade(lit)
        for number, body in enumerate(self._bodies):
            shown = number == min(step.volume, len(self._bodies) - 1)
            body.volume.SetVisibility(shown)
            if shown:
                body.mapper.SetImageSampleDistance(step.rays)
                body.mapper.SetSampleDistance(body.mm * step.along)

        self._layers[BEFORE].SetUseFXAA(step.volume == 0)
        for actor, fineness in self._glass:
            actor.SetVisibility(fineness == step.volume)

    def _check(self, _caller: object, _event: str) -> None:
        if not self._wanted():
            self._window.SetAbortRender(1)

    def close(self) -> None:
        """Gives the driver back what it lent."""
        with contextlib.suppress(Exception):
            self._window.Finalize()


def prepare_driver(*, threads: int, software: bool) -> None:
    """Tells Mesa and VTK how many threads they may use; before the first window."""
    from vtkmodules.vtkCommonCore import vtkMultiThreader, vtkObject, vtkSMPTools

    os.environ["LP_NUM_THREADS"] = str(threads)
    if software:
        os.environ["LIBGL_ALWAYS_SOFTWARE"] = "1"
    vtkMultiThreader.SetGlobalMaximumNumberOfThreads(threads)
    vtkMultiThreader.SetGlobalDefaultNumberOfThreads(threads)
    vtkSMPTools.Initialize(threads)
    vtkObject.GlobalWarningDisplayOff()


def _lamp() -> vtkLight:
    lamp = vtkLight()
    lamp.SetLightTypeToCameraLight()
    lamp.SetPosition(*LIGHT_FROM)
    lamp.SetFocalPoint(0.0, 0.0, 0.0)
    return lamp


def _ramp(points: tuple[tuple[float, float], ...]) -> vtkPiecewiseFunction:
    made = vtkPiecewiseFunction()
    for hu, value in points:
        made.AddPoint(hu, value)
    return made


def _glass(surface: vtkPolyData, rgb: Rgb, fill: float, rim: float) -> vtkActor:
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(surface)
    mapper.ScalarVisibilityOff()
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(*rgb)
    actor.ForceTranslucentOn()
    code = GLASS.replace("FILL", f"{fill:.4f}").replace("RIM", f"{rim:.4f}")
    actor.GetShaderProperty().AddFragmentShaderReplacement("//VTK::Light::Impl", True, code, False)
    return actor
